using Tessera.Core;

namespace Tessera.Cli.Configuration;

/// <summary>
/// The <c>type:</c> names that may stand at one place of the configuration. A new kind of thing is one more line of such a table;
/// nothing is ever created by reflection over a name.
/// </summary>
/// <typeparam name="T">What the entries read.</typeparam>
public sealed class TypeTable<T>
{
    private readonly Entry[] _entries;

    /// <summary>Creates a table.</summary>
    /// <param name="what">What the entries are, in the singular, for messages.</param>
    /// <param name="entries">The types; the first one is the most common.</param>
    public TypeTable(string what, params ReadOnlySpan<Entry> entries)
    {
        What = what;
        _entries = entries.ToArray();
    }

    /// <summary>What the entries are, in the singular.</summary>
    public string What { get; }

    /// <summary>The first type.</summary>
    public Entry First => _entries[0];

    /// <summary>The type of that name or alias; null when there is none.</summary>
    public Entry? Find(string name) => _entries.FirstOrDefault(entry => entry.Name == name || entry.Aliases.Contains(name));

    /// <summary>What somebody may have meant who wrote an unknown name.</summary>
    public string Advice(string name)
    {
        string all = string.Join(", ", _entries.Select(entry => entry.Name));
        return NearestName.Of(name, _entries.SelectMany(entry => entry.Aliases.Prepend(entry.Name))) is { } nearest
            ? $"Did you mean {nearest}? Known: {all}."
            : $"Known: {all}.";
    }

    /// <summary>A type of the table.</summary>
    /// <param name="Name">Its name, HAT's where HAT has one.</param>
    /// <param name="Read">Reads its keys.</param>
    /// <param name="Aliases">Other names that HAT's configurations use for it.</param>
    public sealed record Entry(string Name, Func<ConfigSection, T> Read, params string[] Aliases);
}
