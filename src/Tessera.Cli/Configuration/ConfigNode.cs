using System.Collections.Immutable;

namespace Tessera.Cli.Configuration;

/// <summary>Where a value of the configuration was written.</summary>
/// <param name="Place">A file path, or <c>--set key=value</c> for the command line.</param>
/// <param name="Line">The 1-based line in the file; 0 for the command line.</param>
public readonly record struct ConfigSource(string Place, long Line)
{
    /// <summary>Writes <c>file:line</c>.</summary>
    public override string ToString() => Line == 0 ? Place : $"{Place}:{Line}";
}

/// <summary>A value of a configuration file and the place where it was written. Immutable.</summary>
/// <param name="Source">The place, for messages.</param>
public abstract record ConfigNode(ConfigSource Source);

/// <summary>A text, number, flag or null.</summary>
/// <param name="Text">The text without quotes.</param>
/// <param name="Quoted">True when it was written in quotes, and so is a text whatever it looks like.</param>
/// <param name="Source">The place, for messages.</param>
public sealed record ConfigScalar(string Text, bool Quoted, ConfigSource Source) : ConfigNode(Source)
{
    /// <summary>True for an empty value, <c>null</c> or <c>~</c>, as YAML's core schema spells them.</summary>
    public bool IsNull => !Quoted && Text is "" or "null" or "Null" or "NULL" or "~";
}

/// <summary>A list of values.</summary>
/// <param name="Items">The values.</param>
/// <param name="Source">The place, for messages.</param>
public sealed record ConfigList(ImmutableArray<ConfigNode> Items, ConfigSource Source) : ConfigNode(Source);

/// <summary>One key of a map.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Source">The place of the key, for messages.</param>
public sealed record ConfigEntry(string Key, ConfigNode Value, ConfigSource Source);

/// <summary>Keys and values in the order in which they were written; every key once.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Source">The place, for messages.</param>
public sealed record ConfigMap(ImmutableArray<ConfigEntry> Entries, ConfigSource Source) : ConfigNode(Source)
{
    /// <summary>The value of a key, or null when the map lacks it.</summary>
    public ConfigNode? this[string key] => Entries.FirstOrDefault(entry => entry.Key == key)?.Value;

    /// <summary>The map with a key added, or replaced where it stood.</summary>
    public ConfigMap With(ConfigEntry entry)
    {
        int at = Entries.TakeWhile(candidate => candidate.Key != entry.Key).Count();
        return this with { Entries = at == Entries.Length ? Entries.Add(entry) : Entries.SetItem(at, entry) };
    }

    /// <summary>The map without a key.</summary>
    public ConfigMap Without(string key) => this with { Entries = Entries.RemoveAll(entry => entry.Key == key) };
}
