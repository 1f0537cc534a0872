namespace Tessera.Runtime;

/// <summary>How a camera frame lies in memory.</summary>
public enum PixelFormat
{
    /// <summary>One plane, three bytes per pixel: red, green, blue.</summary>
    Rgb24,

    /// <summary>One plane, three bytes per pixel: blue, green, red.</summary>
    Bgr24,

    /// <summary>One plane, four bytes per pixel: blue, green, red, alpha. Alpha is not read.</summary>
    Bgra32,

    /// <summary>Two planes: luma, one byte per pixel, and chroma, a pair U V for each block of 2×2 pixels.</summary>
    Nv12,

    /// <summary>Three planes: luma, one byte per pixel; U and V, one byte each for each block of 2×2 pixels.</summary>
    I420,
}
