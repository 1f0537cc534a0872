namespace Tessera.Runtime.Kernels;

/// <summary>
/// Output channels that are computed together: as many as one register has int32 lanes, or two, or half of one. What they read is divided into words: four bytes
/// of the input for each lane of a channel.
/// </summary>
internal readonly unsafe struct DenseBlock
{
    /// <summary>Registers that it fills: 1 or 2.</summary>
    public required int Registers { get; init; }

    /// <summary>Lanes of each channel: 1, or 2 that are added in the end.</summary>
    public required int LanesPerChannel { get; init; }

    /// <summary>Its first output channel.</summary>
    public required int First { get; init; }

    /// <summary>A register of biases (int32) for each of its registers, then of multipliers (float32).</summary>
    public required byte* Parameters { get; init; }

    /// <summary>The weights of the words, group after group.</summary>
    public required byte* Weights { get; init; }

    /// <summary>For each word the input row, counted from that of the first tap, and then where in it the word of pixel 0 is, in bytes.</summary>
    public required int* Positions { get; init; }

    /// <summary>Words of the large groups; those of the small groups follow,</summary>
    public required int LargeEnd { get; init; }

    /// <summary>up to here; then single words,</summary>
    public required int SmallEnd { get; init; }

    /// <summary>up to here.</summary>
    public required int Words { get; init; }
}

/// <summary>How many registers a block fills: known when machine code is made.</summary>
internal interface IBlockShape
{
    /// <summary>1 or 2.</summary>
    static abstract int Registers { get; }
}

/// <summary>One register; of twice as many pixels at once.</summary>
internal readonly struct OneRegister : IBlockShape
{
    /// <inheritdoc/>
    public static int Registers => 1;
}

/// <summary>One register in which each channel has two lanes: a word is eight bytes.</summary>
internal readonly struct HalfRegister : IBlockShape
{
    /// <inheritdoc/>
    public static int Registers => 1;
}

/// <summary>Two registers.</summary>
internal readonly struct TwoRegisters : IBlockShape
{
    /// <inheritdoc/>
    public static int Registers => 2;
}
