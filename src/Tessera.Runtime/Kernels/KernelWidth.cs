using Tessera.Programs;
using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>The vector kernels of one register width: chooses the one for an instruction.</summary>
internal abstract class KernelWidth
{
    /// <summary>The kernel for a convolution; null where none of this width applies.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="input">Shape of its input.</param>
    /// <param name="output">Shape of its output.</param>
    /// <param name="nonNegative">Whether all values of the input are 0..127, as behind a ReLU.</param>
    public abstract KernelChoice? Conv(ConvInstruction conv, IntegerTensor input, IntegerTensor output, bool nonNegative);

    /// <summary>A kernel for an upsampling; null where none of this width applies.</summary>
    public abstract UpsampleRowKernel? Upsample(IntegerTensor input);
}

/// <summary>The vector kernels over one register type.</summary>
/// <typeparam name="TVector">The register.</typeparam>
/// <typeparam name="TIsa">Its instructions.</typeparam>
/// <typeparam name="TDot">Dot products of bytes.</typeparam>
/// <typeparam name="TDot16">Dot products of int16 values.</typeparam>
/// <param name="isa">What the instruction set is called in tables.</param>
internal sealed class KernelWidth<TVector, TIsa, TDot, TDot16>(string isa) : KernelWidth
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
    where TDot : struct, IDotProduct<TVector>
    where TDot16 : struct, IDotProduct<TVector>
{
    /// <inheritdoc/>
    public override KernelChoice Conv(ConvInstruction conv, IntegerTensor input, IntegerTensor output, bool nonNegative)
    {
        bool depthwise = input.Channels > 1 && conv.Geometry.Groups == input.Channels && input.Channels == output.Channels;
        string kind = depthwise ? "depthwise" : conv.Geometry.Area == 1 ? "pointwise" : "dense", name = $"{isa} {kind}", signed = $"{isa} int16 {kind}";
        return (depthwise, nonNegative) switch
        {
            (true, true) when DepthwiseKernel<TVector, TIsa, TDot>.Supports(conv) =>
                new KernelChoice(name, DepthwiseKernel<TVector, TIsa, TDot>.Registers(conv, output).Usage * TIsa.Width, () => new DepthwiseKernel<TVector, TIsa, TDot>(name, conv, input, output)),
            (true, _) => new KernelChoice(signed, TapPairKernel<TVector, TIsa, TDot16>.Registers(conv, output).Usage * TIsa.Width, () => new TapPairKernel<TVector, TIsa, TDot16>(signed, conv, input, output)),
            (false, true) => Dense(TDot.ElementBytes, name, () => new DenseKernel<TVector, TIsa, TDot>(name, conv, input, output)),
            (false, false) => Dense(TDot16.ElementBytes, signed, () => new DenseKernel<TVector, TIsa, TDot16>(signed, conv, input, output)),
        };

        KernelChoice Dense(int elementBytes, string name, Func<ConvRowKernel> make)
        {
            var layout = new DenseLayout(conv, input.Channels, TIsa.Width / sizeof(int), elementBytes);
            return new KernelChoice(name, layout.Usage * TIsa.Width, make) { Slow = layout.Slow };
        }
    }

    /// <inheritdoc/>
    public override UpsampleRowKernel? Upsample(IntegerTensor input) =>
        UpsampleKernel<TVector, TIsa>.Supports(input.Channels) ? new UpsampleKernel<TVector, TIsa>($"{isa} upsampling", input) : null;
}

/// <summary>The one kernel of 512 bits that is not generic: the stem.</summary>
internal sealed class StemWidth : KernelWidth
{
    /// <inheritdoc/>
    public override KernelChoice? Conv(ConvInstruction conv, IntegerTensor input, IntegerTensor output, bool nonNegative) =>
        StemKernel.Supports(conv, input, output) && !nonNegative ? new KernelChoice("avx512 stem", 64, () => new StemKernel(conv, input, output)) : null;

    /// <inheritdoc/>
    public override UpsampleRowKernel? Upsample(IntegerTensor input) => null;
}
