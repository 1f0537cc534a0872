using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>The class of each pixel of a row; the reference is <see cref="ReferenceArgMax"/>.</summary>
internal abstract unsafe class ArgMaxRowKernel
{
    /// <summary>What it is called in tables: kind and instruction set.</summary>
    public abstract string Name { get; }

    /// <summary>Computes one row.</summary>
    /// <param name="logits">W×C int8.</param>
    /// <param name="classes">W bytes.</param>
    public abstract void Run(byte* logits, byte* classes);
}

/// <summary>
/// Eight channels at a time. A channel's key is 127 minus its value in the upper byte and its index in the lower: the smallest key is the
/// largest value and, among equals, the smallest index.
/// </summary>
internal sealed unsafe class ArgMaxKernel : ArgMaxRowKernel
{
    private const int Block = 16;

    private readonly int _channels;
    private readonly int _pixels;

    /// <summary>Creates it.</summary>
    /// <param name="name">What it is called in tables.</param>
    /// <param name="input">Shape of the logits.</param>
    public ArgMaxKernel(string name, IntegerTensor input)
    {
        Name = name;
        _channels = input.Channels;
        _pixels = input.Width;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte* logits, byte* classes)
    {
        // A pixel is read in blocks of 16 bytes, which may reach into the next pixels but not beyond the row.
        int reach = (_channels + Block - 1) / Block * Block;
        byte* end = logits + ((long)_pixels * _channels);
        for (int pixel = 0; pixel < _pixels; pixel++, logits += _channels)
        {
            classes[pixel] = logits + reach <= end ? Vectorized(logits) : ScalarArgMaxKernel.ClassOf((sbyte*)logits, _channels);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte Vectorized(byte* logits)
    {
        Vector128<byte> indices = Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        Vector128<byte> count = Vector128.Create((byte)_channels);
        Vector128<ushort> best = Vector128<ushort>.AllBitsSet;
        for (int channel = 0; channel < _channels; channel += Block)
        {
            // Bytes of the next pixel become the worst value with an index that no channel has, so they never win against one.
            Vector128<byte> values = (Vector128.Load(logits + channel) ^ Vector128.Create((byte)0x7F)) | Vector128.GreaterThanOrEqual(indices, count);
            best = Vector128.Min(best, Vector128.WidenLower(indices) | (Vector128.WidenLower(values) << 8));
            best = Vector128.Min(best, Vector128.WidenUpper(indices) | (Vector128.WidenUpper(values) << 8));
            indices += Vector128.Create((byte)Block);
        }

        return Sse41.IsSupported ? (byte)Sse41.MinHorizontal(best).ToScalar() : Smallest(best);
    }

    private static byte Smallest(Vector128<ushort> keys)
    {
        keys = Vector128.Min(keys, Vector128.Shuffle(keys, Vector128.Create((ushort)4, 5, 6, 7, 0, 1, 2, 3)));
        keys = Vector128.Min(keys, Vector128.Shuffle(keys, Vector128.Create((ushort)2, 3, 0, 1, 6, 7, 4, 5)));
        keys = Vector128.Min(keys, Vector128.Shuffle(keys, Vector128.Create((ushort)1, 0, 3, 2, 5, 4, 7, 6)));
        return (byte)keys.ToScalar();
    }
}

/// <summary>One channel after another.</summary>
internal sealed unsafe class ScalarArgMaxKernel(IntegerTensor input) : ArgMaxRowKernel
{
    private readonly int _channels = input.Channels;
    private readonly int _pixels = input.Width;

    /// <inheritdoc/>
    public override string Name => "scalar argmax";

    /// <summary>The index of the largest value, the smallest among equals.</summary>
    public static byte ClassOf(sbyte* logits, int channels)
    {
        int best = 0;
        for (int channel = 1; channel < channels; channel++)
        {
            best = logits[channel] > logits[best] ? channel : best;
        }

        return (byte)best;
    }

    /// <inheritdoc/>
    public override void Run(byte* logits, byte* classes)
    {
        for (int pixel = 0; pixel < _pixels; pixel++)
        {
            classes[pixel] = ClassOf((sbyte*)logits + ((long)pixel * _channels), _channels);
        }
    }
}
