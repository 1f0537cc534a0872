namespace Tessera.Core;

/// <summary>How a device brings a convolution's accumulator back to int8 (<c>docs/arithmetic.md</c>). The numbers are those of the artefact.</summary>
public enum Requantization
{
    /// <summary>By a float32 multiplier, half to even: <see cref="Int8Arithmetic.Requantize(int, float, int)"/>.</summary>
    Float32 = 0,

    /// <summary>In integers, by a multiplier of 16 bits and a shift, half up: <see cref="FixedPoint"/>.</summary>
    Multiplier16 = 1,

    /// <summary>In integers, by a shift alone, half up: <see cref="FixedPoint"/> with powers of two. All scales are powers of two.</summary>
    Shift = 2,
}
