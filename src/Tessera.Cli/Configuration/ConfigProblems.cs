using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Cli.Configuration;

/// <summary>Something that is wrong with a configuration.</summary>
/// <param name="Path">The dotted key.</param>
/// <param name="Text">The message, with its place.</param>
/// <param name="IsUnknownKey">Whether nobody knows the key.</param>
internal sealed record ConfigProblem(string Path, string Text, bool IsUnknownKey);

/// <summary>Collects what is wrong with a configuration, so that one run reports everything at once.</summary>
internal sealed class ConfigProblems
{
    // So that a file of another kind does not fill the screen.
    private const int MaxShown = 20;

    private readonly List<ConfigProblem> _problems = [];
    private readonly List<ConfigSection> _sections = [];

    /// <summary>How many problems were reported.</summary>
    public int Count => _problems.Count;

    /// <summary>Reports a wrong value.</summary>
    /// <param name="source">Where it was written.</param>
    /// <param name="path">The dotted key.</param>
    /// <param name="text">What is wrong, as a sentence that begins with the key.</param>
    public void Report(ConfigSource source, string path, string text) => _problems.Add(new ConfigProblem(path, $"{source}: {text}", false));

    /// <summary>Remembers a section whose keys are checked at the end.</summary>
    public void Track(ConfigSection section) => _sections.Add(section);

    /// <summary>All that is wrong, keys that nobody read included; these stand first, because they often explain the rest.</summary>
    public IReadOnlyList<ConfigProblem> Conclude()
    {
        foreach (ConfigSection section in _sections)
        {
            foreach (ConfigEntry entry in section.UnreadEntries)
            {
                string path = section.PathOf(entry.Key);
                _problems.Add(new ConfigProblem(path, $"{entry.Source}: unknown key {Excerpt.Of(path)}. {Advice(section, entry.Key)}", true));
            }
        }

        return [.. _problems.OrderBy(problem => !problem.IsUnknownKey)];
    }

    /// <summary>The fault that names them all, or the first of very many.</summary>
    public static UsageException Fault(IReadOnlyList<ConfigProblem> problems)
    {
        IEnumerable<string> shown = problems.Select(problem => problem.Text).Take(MaxShown);
        return new UsageException(string.Join('\n', problems.Count > MaxShown ? shown.Append($"... and {problems.Count - MaxShown} more of this kind.") : shown));
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
