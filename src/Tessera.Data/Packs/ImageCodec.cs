using Tessera.Core;

namespace Tessera.Data;

/// <summary>How a pack stores images. Readers recognise it from the bytes of each record.</summary>
public enum ImageCodec
{
    /// <summary>PNG: lossless, HAT reads it; the default.</summary>
    Png,

    /// <summary>JPEG with full chroma: small, lossy, HAT reads it.</summary>
    Jpeg,

    /// <summary>Plain RGB bytes: nothing to decode, large; only Tessera reads it.</summary>
    Raw,

    /// <summary>RGB bytes compressed as an LZ4 block: lossless, fast, between raw and PNG in size; only Tessera reads it.</summary>
    Lz4,
}

/// <summary>An image size, as <c>--resize H,W</c> gives it.</summary>
/// <param name="Height">Rows, 1 to 65535.</param>
/// <param name="Width">Columns, 1 to 65535.</param>
public readonly record struct PackSize(int Height, int Width)
{
    /// <summary>Reads <c>H,W</c>.</summary>
    /// <exception cref="UsageException">The text is anything else.</exception>
    public static PackSize Parse(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        var style = System.Globalization.NumberStyles.None;
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        return parts.Length == 2 && ushort.TryParse(parts[0], style, culture, out ushort height) && ushort.TryParse(parts[1], style, culture, out ushort width) && height > 0 && width > 0
            ? new PackSize(height, width)
            : throw new UsageException($"The size '{text}' is not of the form H,W with 1 to 65535 each, for example 512,1024.");
    }
}
