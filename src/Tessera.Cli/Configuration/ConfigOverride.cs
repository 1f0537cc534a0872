using System.Globalization;
using Tessera.Core;

namespace Tessera.Cli.Configuration;

/// <summary>A <c>--set a.b=value</c> of the command line. The value is YAML; a number in the path selects an item of a list.</summary>
public static class ConfigOverride
{
    /// <summary>Lays the override over a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="text">What followed <c>--set</c>.</param>
    /// <exception cref="UsageException">The text has no <c>=</c> or an empty key, its value is no YAML, or a list lacks the item.</exception>
    public static ConfigMap Apply(ConfigMap config, string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string[] path = equals < 0 ? [] : HatLayout.PlaceOf(text[..equals].Trim().Split('.'));
        if (path.Length == 0 || path.Any(part => part.Length == 0))
        {
            throw new UsageException($"--set {Excerpt.Of(text)}: expected key=value with a dotted key, such as --set data_loader.batch_size=2.");
        }

        var source = new ConfigSource($"--set {Excerpt.Of(text)}", 0);
        if (path.Length > YamlReader.MaxDepth)
        {
            throw new UsageException($"{source}: the key has {path.Length} parts; a configuration is at most {YamlReader.MaxDepth} deep.");
        }

        ConfigNode value = text[(equals + 1)..].Trim() is { Length: > 0 } yaml
            ? ConfigYaml.Parse(yaml, _ => source)
            : new ConfigScalar("", Quoted: false, source);
        return (ConfigMap)Replace(config, path, value, source);
    }

    private static ConfigNode Replace(ConfigNode? old, ReadOnlySpan<string> path, ConfigNode value, ConfigSource source)
    {
        if (path.IsEmpty)
        {
            return old is ConfigMap below && value is ConfigMap above ? ConfigMerge.Merge(below, above) : value;
        }

        if (old is ConfigList list)
        {
            if (!int.TryParse(path[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index >= list.Items.Length)
            {
                string remedy = list.Items.IsEmpty ? "set the whole list" : $"use 0 to {list.Items.Length - 1}, or set the whole list";
                throw new UsageException($"{source}: {path[0]} does not select an item of a list of {list.Items.Length}; {remedy}.");
            }

            return list with { Items = list.Items.SetItem(index, Replace(list.Items[index], path[1..], value, source)) };
        }

        ConfigMap map = old as ConfigMap ?? new ConfigMap([], source);
        ConfigNode next = Replace(map[path[0]], path[1..], value, source);
        var entry = new ConfigEntry(path[0], next, source);

        // A last key may be "type", which drops the keys of the old type: merging knows that.
        return path.Length == 1 ? ConfigMerge.Merge(map, new ConfigMap([entry], source)) : map.With(entry);
    }
}
