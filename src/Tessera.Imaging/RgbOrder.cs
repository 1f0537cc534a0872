namespace Tessera.Imaging;

/// <summary>How the colours of a pixel follow each other in memory.</summary>
public enum RgbOrder
{
    /// <summary>Three bytes: red, green, blue.</summary>
    Rgb,

    /// <summary>Three bytes: blue, green, red.</summary>
    Bgr,

    /// <summary>Four bytes: blue, green, red, and one that is not read.</summary>
    Bgra,
}
