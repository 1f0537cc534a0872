using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime.Kernels;

/// <summary>
/// Bilinear upsampling by any two factors, for any number of channels: first down the columns into int16, then along the row in int32;
/// the reference is <see cref="ReferenceUpsample"/>.
/// </summary>
internal sealed unsafe class FactorUpsampleKernel(UpsampleInstruction upsample, IntegerTensor input) : UpsampleRowKernel
{
    private readonly int _channels = input.Channels;
    private readonly int _pixels = input.Width;
    private readonly BilinearTap[] _taps = [.. Enumerable.Range(0, input.Width * upsample.ColumnFactor).Select(x => BilinearTap.Of(x, upsample.ColumnFactor, input.Width))];
    private readonly int _bits = int.Log2(4 * upsample.RowFactor * upsample.ColumnFactor);

    /// <inheritdoc/>
    public override string Name => "vector128 upsampling by factors";

    /// <inheritdoc/>
    public override int ScratchBytes => checked(_pixels * _channels * sizeof(short));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte* near, byte* far, in BilinearTap row, byte* output, byte* scratch)
    {
        short* columns = (short*)scratch;
        Blend((sbyte*)near, (sbyte*)far, row, columns);
        foreach (ref readonly BilinearTap tap in _taps.AsSpan())
        {
            RunPixel(columns + ((long)tap.Near * _channels), columns + ((long)tap.Far * _channels), tap, (sbyte*)output);
            output += _channels;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Blend(sbyte* near, sbyte* far, in BilinearTap row, short* columns)
    {
        // Weights are at most 128 together: the sums stay within int16.
        Vector128<short> nearWeight = Vector128.Create((short)row.NearWeight), farWeight = Vector128.Create((short)row.FarWeight);
        int count = _pixels * _channels, i = 0;
        for (; i + Vector128<sbyte>.Count <= count; i += Vector128<sbyte>.Count)
        {
            (Vector128<short> nearLow, Vector128<short> nearHigh) = Vector128.Widen(Vector128.Load(near + i));
            (Vector128<short> farLow, Vector128<short> farHigh) = Vector128.Widen(Vector128.Load(far + i));
            ((nearLow * nearWeight) + (farLow * farWeight)).Store(columns + i);
            ((nearHigh * nearWeight) + (farHigh * farWeight)).Store(columns + i + Vector128<short>.Count);
        }

        for (; i < count; i++)
        {
            columns[i] = (short)((near[i] * row.NearWeight) + (far[i] * row.FarWeight));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunPixel(short* near, short* far, in BilinearTap tap, sbyte* output)
    {
        Vector128<int> nearWeight = Vector128.Create(tap.NearWeight), farWeight = Vector128.Create(tap.FarWeight);
        int channel = 0;
        for (; channel + Vector128<short>.Count <= _channels; channel += Vector128<short>.Count)
        {
            (Vector128<int> nearLow, Vector128<int> nearHigh) = Vector128.Widen(Vector128.Load(near + channel));
            (Vector128<int> farLow, Vector128<int> farHigh) = Vector128.Widen(Vector128.Load(far + channel));
            Vector128<short> values = Vector128.Narrow(Round((nearLow * nearWeight) + (farLow * farWeight)), Round((nearHigh * nearWeight) + (farHigh * farWeight)));
            Vector128.Narrow(values, values).GetLower().Store(output + channel);
        }

        for (; channel < _channels; channel++)
        {
            output[channel] = (sbyte)Int8Arithmetic.RoundedShift((near[channel] * tap.NearWeight) + (far[channel] * tap.FarWeight), _bits);
        }
    }

    /// <summary>As <see cref="Int8Arithmetic.RoundedShift"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<int> Round(Vector128<int> sum)
    {
        Vector128<int> odd = Vector128.ShiftRightArithmetic(sum, _bits) & Vector128<int>.One;
        return Vector128.ShiftRightArithmetic(sum + Vector128.Create((1 << (_bits - 1)) - 1) + odd, _bits);
    }
}

/// <summary>Nearest upsampling: pixels are copied.</summary>
internal sealed unsafe class NearestUpsampleKernel(UpsampleInstruction upsample, IntegerTensor input) : UpsampleRowKernel
{
    private readonly uint _channels = (uint)input.Channels;
    private readonly int _pixels = input.Width;
    private readonly int _factor = upsample.ColumnFactor;

    /// <inheritdoc/>
    public override string Name => "nearest upsampling";

    /// <inheritdoc/>
    public override int ScratchBytes => 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte* near, byte* far, in BilinearTap row, byte* output, byte* scratch)
    {
        for (int pixel = 0; pixel < _pixels; pixel++, near += _channels)
        {
            for (int copy = 0; copy < _factor; copy++, output += _channels)
            {
                Unsafe.CopyBlockUnaligned(output, near, _channels);
            }
        }
    }
}
