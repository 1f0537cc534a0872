using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Cli.Configuration;

/// <summary>Collects what is wrong with a configuration, so that one run reports everything at once.</summary>
internal sealed class ConfigProblems
{
    // So that a file of another kind does not fill the screen.
    private const int MaxShown = 20;

    private readonly List<(bool IsUnknownKey, string Text)> _problems = [];
    private readonly List<ConfigSection> _sections = [];

    /// <summary>How many problems were reported.</summary>
    public int Count => _problems.Count;

    /// <summary>Reports a wrong value.</summary>
    public void Report(ConfigSource source, string text) => _problems.Add((false, $"{source}: {text}"));

    /// <summary>Remembers a section whose keys are checked at the end.</summary>
    public void Track(ConfigSection section) => _sections.Add(section);

    /// <summary>Looks for keys that nobody read, and throws when anything is wrong.</summary>
    /// <exception cref="UsageException">Something is wrong; unknown keys stand first, because they often explain the rest.</exception>
    public void ThrowIfAny()
    {
        foreach (ConfigSection section in _sections)
        {
            foreach (ConfigEntry entry in section.UnreadEntries)
            {
                _problems.Add((true, $"{entry.Source}: unknown key {Excerpt.Of(section.PathOf(entry.Key))}. {Advice(section, entry.Key)}"));
            }
        }

        if (_problems.Count > 0)
        {
            IEnumerable<string> shown = _problems.OrderBy(problem => !problem.IsUnknownKey).Select(problem => problem.Text).Take(MaxShown);
            throw new UsageException(string.Join('\n', _problems.Count > MaxShown ? shown.Append($"... and {_problems.Count - MaxShown} more of this kind.") : shown));
        }
    }

    private string Advice(ConfigSection section, string key)
    {
        if (NearestName.Of(key, section.KnownKeys.Concat(section.IdleKeys)) is { } nearest)
        {
            return $"Did you mean {section.PathOf(nearest)}?";
        }

        string? elsewhere = _sections.Where(other => other.KnownKeys.Contains(key)).Select(other => other.PathOf(key)).FirstOrDefault();
        return elsewhere is null
            ? $"The keys here are {string.Join(", ", section.KnownKeys)}."
            : $"Did you mean {elsewhere}? The keys here are {string.Join(", ", section.KnownKeys)}.";
    }
}
