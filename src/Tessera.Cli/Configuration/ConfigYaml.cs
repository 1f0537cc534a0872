using System.Collections.Immutable;
using Tessera.Core;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Tessera.Cli.Configuration;

/// <summary>YAML text to configuration values and back, through YamlDotNet's representation model: no object is ever created by name.</summary>
internal static class ConfigYaml
{
    /// <summary>Reads one YAML document.</summary>
    /// <param name="text">The text; an empty one gives an empty map.</param>
    /// <param name="sourceOf">Makes the place of a 1-based line.</param>
    /// <exception cref="UsageException">The text is not valid YAML, or repeats a key, or holds more than one document.</exception>
    public static ConfigNode Parse(string text, Func<long, ConfigSource> sourceOf)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException fault)
        {
            string inner = fault.InnerException is null ? fault.Message : fault.InnerException.Message;
            throw new UsageException($"{sourceOf(fault.Start.Line)}: this is not valid YAML: {inner}", fault);
        }

        return stream.Documents.Count switch
        {
            0 => new ConfigMap([], sourceOf(1)),
            1 => Convert(stream.Documents[0].RootNode, sourceOf),
            _ => throw new UsageException($"{sourceOf(stream.Documents[1].RootNode.Start.Line)}: a second YAML document begins here; a configuration is one document."),
        };
    }

    /// <summary>Writes a map as block YAML; lists of plain values stay on one line.</summary>
    public static string Print(ConfigMap map)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(Convert(map))).Save(writer, assignAnchors: false);
        string text = writer.ToString();

        // YamlDotNet always ends a document with the marker "...", which is optional and means nothing to a reader.
        return text.EndsWith("...\n", StringComparison.Ordinal) ? text[..^4] : text;
    }

    private static ConfigNode Convert(YamlNode node, Func<long, ConfigSource> sourceOf)
    {
        ConfigSource source = sourceOf(node.Start.Line);
        switch (node)
        {
            case YamlScalarNode scalar:
                return new ConfigScalar(scalar.Value ?? "", scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any), source);
            case YamlSequenceNode list:
                return new ConfigList([.. list.Children.Select(child => Convert(child, sourceOf))], source);
            case YamlMappingNode map:
                ImmutableArray<ConfigEntry>.Builder entries = ImmutableArray.CreateBuilder<ConfigEntry>(map.Children.Count);
                foreach ((YamlNode key, YamlNode value) in map.Children)
                {
                    if (key is not YamlScalarNode { Value: { Length: > 0 } name })
                    {
                        throw new UsageException($"{sourceOf(key.Start.Line)}: a key must be a plain word; this one is a list, a map or empty.");
                    }

                    entries.Add(new ConfigEntry(name, Convert(value, sourceOf), sourceOf(key.Start.Line)));
                }

                return new ConfigMap(entries.MoveToImmutable(), source);
            default:
                throw new UsageException($"{source}: a YAML alias to an anchor that does not exist.");
        }
    }

    private static YamlNode Convert(ConfigNode node) => node switch
    {
        ConfigScalar scalar => new YamlScalarNode(scalar.Text) { Style = scalar.Quoted ? ScalarStyle.DoubleQuoted : ScalarStyle.Any },
        ConfigList list => new YamlSequenceNode(list.Items.Select(Convert))
        {
            Style = list.Items.All(item => item is ConfigScalar) ? SequenceStyle.Flow : SequenceStyle.Block,
        },
        ConfigMap { Entries.IsEmpty: true } => new YamlMappingNode { Style = MappingStyle.Flow },
        ConfigMap map => new YamlMappingNode(map.Entries.Select(entry => KeyValuePair.Create<YamlNode, YamlNode>(new YamlScalarNode(entry.Key), Convert(entry.Value)))),
        _ => throw new ArgumentException($"Unknown kind of configuration value {node.GetType().Name}.", nameof(node)),
    };
}
