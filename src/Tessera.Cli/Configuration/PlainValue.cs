using System.Globalization;

namespace Tessera.Cli.Configuration;

/// <summary>A value of the configuration as one text that is the same however it was written, so that values can be compared.</summary>
internal static class PlainValue
{
    /// <summary>The text: numbers in one spelling, flags as true or false, a dotted name by its last part, the keys of maps in order.</summary>
    public static string Of(ConfigNode node) => node switch
    {
        ConfigScalar { IsNull: true } => "null",
        ConfigScalar scalar when Number(scalar) is { } number => number,
        ConfigScalar { Quoted: false } scalar when Truth(scalar.Text) is { } flag => flag ? "true" : "false",
        ConfigScalar scalar => LastPart(scalar.Text),
        ConfigList list => $"[{string.Join(", ", list.Items.Select(Of))}]",
        ConfigMap map => $"{{{string.Join(", ", map.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}: {Of(entry.Value)}"))}}}",
        _ => throw new ArgumentException($"Unknown kind of configuration value {node.GetType().Name}.", nameof(node)),
    };

    /// <summary>A number in its one spelling; null for what is none.</summary>
    public static string? Number(ConfigScalar scalar) =>
        !scalar.Quoted && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number.ToString("R", CultureInfo.InvariantCulture) : null;

    /// <summary>true or false, in every spelling of YAML 1.1; null for what is neither.</summary>
    public static bool? Truth(string text) => text switch
    {
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => true,
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => false,
        _ => null,
    };

    /// <summary>The last part of a dotted name of Python (<c>torch.optim.SGD</c>); every other text as it is.</summary>
    public static string LastPart(string text) =>
        text.Split('.') is { Length: > 1 } parts && parts.All(part => part.Length > 0 && !char.IsAsciiDigit(part[0]) && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')) ? parts[^1] : text;
}
