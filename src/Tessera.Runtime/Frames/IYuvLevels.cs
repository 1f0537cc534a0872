using System.Runtime.Intrinsics;

namespace Tessera.Runtime;

/// <summary>
/// From the samples of a frame to the network's centred values: luma and chroma minus 128, moved from the frame's range to the one the
/// network was trained with. A type per case, so that each gets code of its own; the vector forms equal the plain ones.
/// </summary>
internal interface IYuvLevels
{
    /// <summary>A luma sample, 0..255, to -128..127.</summary>
    static abstract int Luma(int sample);

    /// <summary>A chroma sample, 0..255, to -128..127.</summary>
    static abstract int Chroma(int sample);

    /// <summary>16 luma samples to as many sbyte values.</summary>
    static abstract Vector128<byte> Luma(Vector128<byte> samples);

    /// <summary>16 chroma samples to as many sbyte values.</summary>
    static abstract Vector128<byte> Chroma(Vector128<byte> samples);
}
