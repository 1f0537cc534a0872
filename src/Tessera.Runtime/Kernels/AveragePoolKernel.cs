using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// Average pooling: first down the columns into int32, then along the row, then one requantization; the reference is <see cref="ReferenceAveragePool"/>.
/// </summary>
internal sealed unsafe class AveragePoolKernel(AveragePoolInstruction pool, IntegerTensor input, IntegerTensor output) : PoolRowKernel
{
    private readonly int _values = input.Width * input.Channels;
    private readonly int _channels = input.Channels;
    private readonly int _pixels = output.Width;
    private readonly int _taps = pool.Columns.Kernel;
    private readonly int _step = pool.Columns.Stride * input.Channels;
    private readonly float _factor = Int8Arithmetic.AverageFactor(pool.Area);

    /// <inheritdoc/>
    public override string Name => "vector128 average pooling";

    /// <inheritdoc/>
    public override int ScratchBytes => checked(_values * sizeof(int));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte** inputs, int count, byte* output, byte* scratch)
    {
        int* columns = (int*)scratch;
        Unsafe.InitBlockUnaligned(columns, 0, (uint)ScratchBytes);
        for (int row = 0; row < count; row++)
        {
            AddRow((sbyte*)inputs[row], columns);
        }

        for (int pixel = 0; pixel < _pixels; pixel++, columns += _step, output += _channels)
        {
            AddPixel(columns, (sbyte*)output);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRow(sbyte* row, int* columns)
    {
        int i = 0;
        for (; i + Vector128<sbyte>.Count <= _values; i += Vector128<sbyte>.Count)
        {
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Load(row + i));
            Add(columns + i, Vector128.WidenLower(low));
            Add(columns + i + 4, Vector128.WidenUpper(low));
            Add(columns + i + 8, Vector128.WidenLower(high));
            Add(columns + i + 12, Vector128.WidenUpper(high));
        }

        for (; i < _values; i++)
        {
            columns[i] += row[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(int* sums, Vector128<int> values) => (Vector128.Load(sums) + values).Store(sums);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddPixel(int* columns, sbyte* output)
    {
        int channel = 0;
        for (; channel + (2 * Vector128<int>.Count) <= _channels; channel += 2 * Vector128<int>.Count)
        {
            Vector128<int> low = Vector128<int>.Zero, high = Vector128<int>.Zero;
            for (int tap = 0; tap < _taps; tap++)
            {
                low += Vector128.Load(columns + (tap * _channels) + channel);
                high += Vector128.Load(columns + (tap * _channels) + channel + Vector128<int>.Count);
            }

            Vector128<short> means = Vector128.Narrow(Mean(low), Mean(high));
            Vector128.Narrow(means, means).GetLower().Store(output + channel);
        }

        for (; channel < _channels; channel++)
        {
            int sum = 0;
            for (int tap = 0; tap < _taps; tap++)
            {
                sum += columns[(tap * _channels) + channel];
            }

            output[channel] = Int8Arithmetic.Requantize(sum, _factor, Int8Arithmetic.Min);
        }
    }

    /// <summary>A mean of int8 values cannot leave their range by as much as half a step: no clamp is needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<int> Mean(Vector128<int> sum)
    {
        // Added to a number whose last digit counts whole units, a small number is rounded half to even.
        Vector128<float> units = Vector128.Create(12582912f);
        return Vector128.ConvertToInt32((Vector128.ConvertToSingle(sum) * _factor) + units - units);
    }
}
