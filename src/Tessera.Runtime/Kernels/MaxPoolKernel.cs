using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>Max pooling; the reference is <see cref="ReferenceMaxPool"/>.</summary>
internal sealed unsafe class MaxPoolKernel(MaxPoolInstruction pool, IntegerTensor input, IntegerTensor output) : PoolRowKernel
{
    private readonly int _values = input.Width * input.Channels;
    private readonly int _channels = input.Channels;
    private readonly int _width = input.Width;
    private readonly int _pixels = output.Width;
    private readonly ConvAxis _columns = pool.Columns;

    /// <inheritdoc/>
    public override string Name => "vector128 max pooling";

    /// <inheritdoc/>
    public override int ScratchBytes => _values;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte** inputs, int count, byte* output, byte* scratch)
    {
        sbyte* columns = (sbyte*)scratch;
        Unsafe.CopyBlockUnaligned(columns, inputs[0], (uint)_values);
        for (int row = 1; row < count; row++)
        {
            Largest((sbyte*)inputs[row], columns, _values);
        }

        for (int pixel = 0; pixel < _pixels; pixel++, output += _channels)
        {
            int left = (pixel * _columns.Stride) - _columns.Padding;
            int first = Math.Max(left, 0), last = Math.Min(left + _columns.Kernel, _width) - 1;
            Unsafe.CopyBlockUnaligned(output, columns + ((long)first * _channels), (uint)_channels);
            for (int column = first + 1; column <= last; column++)
            {
                Largest(columns + ((long)column * _channels), (sbyte*)output, _channels);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Largest(sbyte* values, sbyte* largest, int count)
    {
        int i = 0;
        for (; i + Vector128<sbyte>.Count <= count; i += Vector128<sbyte>.Count)
        {
            Vector128.Max(Vector128.Load(values + i), Vector128.Load(largest + i)).Store(largest + i);
        }

        for (; i < count; i++)
        {
            largest[i] = Math.Max(largest[i], values[i]);
        }
    }
}
