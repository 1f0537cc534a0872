using System.Collections.Immutable;
using Tessera.Cli.Configuration;

namespace Tessera.Cli.HatConfigs;

/// <summary>Makes values of a configuration out of a Python file's. What is not known is left out, with a remark.</summary>
/// <param name="file">The file, as the places of values name it.</param>
/// <param name="faults">Bounds and remarks.</param>
internal sealed class HatValues(string file, PythonFaults faults)
{
    private readonly HashSet<PythonPlace> _remarked = []; // a dict is often used at several places
    private int _nodes;

    /// <summary>A dict as a map.</summary>
    /// <param name="map">The dict.</param>
    /// <param name="path">Its dotted key, for remarks.</param>
    public ConfigMap Map(PythonMap map, string path) => (ConfigMap)Convert(map, path, 1)!;

    /// <summary>Any value; null for what is not known.</summary>
    /// <param name="value">The value.</param>
    /// <param name="path">Its dotted key, for remarks.</param>
    public ConfigNode? Node(PythonValue value, string path) => Convert(value, path, 1);

    /// <summary>The place of a value.</summary>
    public ConfigSource Source(PythonPlace place) => new(file, place.Line);

    private ConfigNode? Convert(PythonValue value, string path, int depth)
    {
        if (depth > YamlReader.MaxDepth || ++_nodes > YamlReader.MaxNodes)
        {
            throw faults.At(value.Place, $"{path}: more than {YamlReader.MaxDepth} dicts and lists lie in one another, or a value has more than {YamlReader.MaxNodes} parts; no configuration has.");
        }

        switch (value)
        {
            case PythonMap map:
                ImmutableArray<ConfigEntry>.Builder entries = ImmutableArray.CreateBuilder<ConfigEntry>();
                foreach ((string key, PythonValue item) in map.Entries)
                {
                    if (Convert(item, $"{path}.{key}", depth + 1) is { } node)
                    {
                        entries.Add(new ConfigEntry(key, node, Source(item.Place)));
                    }
                }

                return new ConfigMap(entries.ToImmutable(), Source(map.Place));
            case PythonList list:
                return new ConfigList([.. list.Items.Select((item, number) => Convert(item, $"{path}.{number}", depth + 1)).OfType<ConfigNode>()], Source(list.Place));
            case PythonUnknown unknown:
                if (_remarked.Add(unknown.Place))
                {
                    faults.Remark(unknown.Place, $"{path} is left out: {unknown.What} is not computed.");
                }

                return null;
            default:
                bool isText = value is PythonText;
                return new ConfigScalar(value switch { PythonNone => "null", PythonFlag flag => flag.Value ? "true" : "false", _ => PythonOperations.Plain(value)! }, isText, Source(value.Place));
        }
    }
}
