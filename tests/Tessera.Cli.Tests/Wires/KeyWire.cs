using Tessera.Cli.Configuration;

namespace Tessera.Cli.Tests.Wires;

/// <summary>What a key of the configuration does to the library's options.</summary>
/// <param name="Key">The key, as <see cref="DocumentedKeys"/> spells it.</param>
/// <param name="Set">Overrides with a value that is not the default, and what must change with it.</param>
/// <param name="Read">What the library gets, from a configuration.</param>
/// <param name="Default">That of the Cityscapes configuration.</param>
/// <param name="Expected">That with the overrides.</param>
internal sealed record KeyWire(string Key, string[] Set, Func<TesseraConfig, object?> Read, object? Default, object? Expected)
{
    /// <summary>Overrides under which the default holds: those that name the type to which the key belongs.</summary>
    public string[] Before { get; init; } = [];

    /// <summary>The words of the refusal, for a key that takes one value only.</summary>
    public string? Refusal { get; init; }

    /// <summary>A key with one override.</summary>
    public static KeyWire Of(string key, string value, Func<TesseraConfig, object?> read, object? before, object? after) => new(key, [$"{Path(key)}={value}"], read, before, after);

    /// <summary>A key that takes one value only: another is refused, and so the key is read.</summary>
    public static KeyWire Only(string key, string value, string refusal) => new(key, [$"{Path(key)}={value}"], _ => null, null, null) { Refusal = refusal };

    /// <summary>The path of a key in the Cityscapes configuration, where transforms bear numbers.</summary>
    private static string Path(string key)
    {
        string[] training = ["LabelRemap", "SegResize", "SegRandomAffine", "ImageBgrToYuv444", "ImageNormalize", "Scale"], validation = ["LabelRemap", "SegResize", "ImageBgrToYuv444", "ImageNormalize"];
        string[] parts = key.Split('.'), names = key.StartsWith("val_", StringComparison.Ordinal) ? validation : training;
        return string.Join('.', parts.Select(part => Array.IndexOf(names, part) is >= 0 and var number ? $"{number}" : part));
    }
}
