using System.Runtime.CompilerServices;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>An upsampling, one output row at a time; the reference is <see cref="ReferenceUpsample"/>.</summary>
internal abstract unsafe class UpsampleRowKernel
{
    /// <summary>What it is called in tables: kind and instruction set.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of working memory that <see cref="Run"/> needs.</summary>
    public abstract int ScratchBytes { get; }

    /// <summary>Computes one row.</summary>
    /// <param name="near">The source row that the output row lies in, W×C int8.</param>
    /// <param name="far">The source row on the other side, at the image's edge the same one.</param>
    /// <param name="row">How much of each counts.</param>
    /// <param name="output">The row to write.</param>
    /// <param name="scratch">Working memory of one thread.</param>
    public abstract void Run(byte* near, byte* far, in BilinearTap row, byte* output, byte* scratch);
}

/// <summary>Bilinear ×2 in registers: first down the columns into int16, then along the row.</summary>
internal sealed unsafe class UpsampleKernel<TVector, TIsa>(string name, IntegerTensor input) : UpsampleRowKernel
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
{
    private readonly int _channels = input.Channels;
    private readonly int _pixels = input.Width;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override int ScratchBytes => (_pixels + 2) * _channels * sizeof(short);

    private static int Lanes => TIsa.Width / sizeof(short);

    /// <summary>Whether the kernel takes tensors of so many channels.</summary>
    public static bool Supports(int channels) => channels % Lanes == 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte* near, byte* far, in BilinearTap row, byte* output, byte* scratch)
    {
        int count = _pixels * _channels;
        short* columns = (short*)scratch + _channels;
        for (int i = 0; i < count; i += Lanes)
        {
            TVector a = TIsa.LoadWiden(near + i);
            TIsa.Store(columns + i, TIsa.AddInt16(TIsa.AddInt16(a, TIsa.AddInt16(a, a)), TIsa.LoadWiden(far + i)));
        }

        // Beyond the edges the edge pixels repeat.
        Unsafe.CopyBlockUnaligned(columns - _channels, columns, (uint)(_channels * sizeof(short)));
        Unsafe.CopyBlockUnaligned(columns + count, columns + count - _channels, (uint)(_channels * sizeof(short)));
        for (int channel = 0; channel < _channels; channel += Lanes)
        {
            short* source = columns + channel;
            byte* target = output + channel;
            for (int pixel = 0; pixel < _pixels; pixel++, source += _channels, target += 2 * _channels)
            {
                TVector middle = TIsa.Load(source), three = TIsa.AddInt16(middle, TIsa.AddInt16(middle, middle));
                TIsa.StoreNarrow(target, Round(TIsa.AddInt16(three, TIsa.Load(source - _channels))));
                TIsa.StoreNarrow(target + _channels, Round(TIsa.AddInt16(three, TIsa.Load(source + _channels))));
            }
        }
    }

    /// <summary>Sixteenths to integers, half to even: 7 is added, and 1 more where the integer part is odd, before the fraction is cut off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Round(TVector sixteenths)
    {
        TVector odd = TIsa.And(TIsa.ShiftRightInt16By4(sixteenths), TIsa.FillInt16(1));
        return TIsa.ShiftRightInt16By4(TIsa.AddInt16(sixteenths, TIsa.AddInt16(odd, TIsa.FillInt16(7))));
    }
}
