namespace Tessera.Core;

/// <summary>What an upsampled pixel is made of.</summary>
public enum UpsampleMode
{
    /// <summary>The four source pixels around it, half-pixel centres (align_corners false), edges repeated.</summary>
    Bilinear,

    /// <summary>The source pixel that it lies in.</summary>
    Nearest,
}
