namespace Tessera.Programs;

/// <summary>The constants of the artefact format (<c>docs/artefact.md</c>); all numbers are little-endian.</summary>
internal static class ArtefactFormat
{
    /// <summary>The only version that is read; version 1 had neither colours nor the colour conversion, version 2 square windows alone and no upper end of a clamp,
    /// version 3 float32 requantization alone.</summary>
    public const uint Version = 4;

    /// <summary>Magic (8), version (4), zero (4), content length (8), SHA-256 of the content (32).</summary>
    public const int HeaderBytes = 56;

    /// <summary>The first byte of the version.</summary>
    public const int VersionAt = 8;

    /// <summary>The first byte of the reserved zero.</summary>
    public const int ReservedAt = 12;

    /// <summary>The first byte of the content length.</summary>
    public const int LengthAt = 16;

    /// <summary>The first byte of the checksum.</summary>
    public const int ChecksumAt = 24;

    /// <summary>No artefact is larger; a longer file is of another kind.</summary>
    public const long MaxBytes = 1L << 30;

    /// <summary>The most class names: a class map's bytes are 0 to 254.</summary>
    public const int MaxClasses = 255;

    /// <summary>In place of a tensor index: the convolution has no residual.</summary>
    public const uint NoTensor = uint.MaxValue;

    /// <summary>Not ASCII at first, so that no text file begins like it; then a line end and an end-of-file that a text transfer would change.</summary>
    public static ReadOnlySpan<byte> Magic => [0x8F, (byte)'T', (byte)'S', (byte)'R', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <summary>"INFO": the network's name, how it was compiled, its classes, and how pictures are prepared for it.</summary>
    public const uint Info = 0x4F464E49;

    /// <summary>"TENS": shapes and scales.</summary>
    public const uint Tensors = 0x534E4554;

    /// <summary>"INST": the instructions with their weights.</summary>
    public const uint Instructions = 0x54534E49;

    /// <summary>"OUTP": the outputs.</summary>
    public const uint Outputs = 0x5054554F;

    /// <summary>"PLAN": the memory plan.</summary>
    public const uint Plan = 0x4E414C50;
}

/// <summary>The colour conversions as stored.</summary>
internal enum StoredSwing : byte
{
    /// <summary><see cref="Imaging.YuvSwing.Full"/>.</summary>
    Full = 0,

    /// <summary><see cref="Imaging.YuvSwing.StudioSubsampled"/>.</summary>
    StudioSubsampled = 1,
}
