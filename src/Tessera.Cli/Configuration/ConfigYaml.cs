using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Tessera.Cli.Configuration;

/// <summary>YAML text to configuration values and back: no object is ever created by name.</summary>
internal static class ConfigYaml
{
    /// <inheritdoc cref="YamlReader.Read"/>
    public static ConfigNode Parse(string text, Func<long, ConfigSource> sourceOf) => YamlReader.Read(text, sourceOf);

    /// <summary>Writes a map as block YAML; lists of plain values stay on one line.</summary>
    public static string Print(ConfigMap map)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(Convert(map))).Save(writer, assignAnchors: false);
        string text = writer.ToString();

        // YamlDotNet always ends a document with the marker "...", which is optional and means nothing to a reader.
        return text.EndsWith("...\n", StringComparison.Ordinal) ? text[..^4] : text;
    }

    private static YamlNode Convert(ConfigNode node) => node switch
    {
        ConfigScalar scalar => new YamlScalarNode(scalar.Text) { Style = scalar.Quoted || Terminal.Visible.IsNeeded(scalar.Text) ? ScalarStyle.DoubleQuoted : ScalarStyle.Any },
        ConfigList list => new YamlSequenceNode(list.Items.Select(Convert))
        {
            Style = list.Items.All(item => item is ConfigScalar) ? SequenceStyle.Flow : SequenceStyle.Block,
        },
        ConfigMap { Entries.IsEmpty: true } => new YamlMappingNode { Style = MappingStyle.Flow },
        ConfigMap map => new YamlMappingNode(map.Entries.Select(entry => KeyValuePair.Create<YamlNode, YamlNode>(new YamlScalarNode(entry.Key), Convert(entry.Value)))),
        _ => throw new ArgumentException($"Unknown kind of configuration value {node.GetType().Name}.", nameof(node)),
    };
}
