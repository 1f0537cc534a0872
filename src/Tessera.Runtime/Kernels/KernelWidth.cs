using Tessera.Runtime.Kernels.Vectors;

namespace Tessera.Runtime.Kernels;

/// <summary>The vector kernels of one register width: makes the one for an instruction, or none where the width does not suit it.</summary>
internal abstract class KernelWidth
{
    /// <summary>A kernel for a convolution; null where none of this width applies.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="input">Shape of its input.</param>
    /// <param name="output">Shape of its output.</param>
    /// <param name="nonNegative">Whether all values of the input are 0..127, as behind a ReLU.</param>
    public abstract ConvRowKernel? Conv(ConvInstruction conv, IntegerTensor input, IntegerTensor output, bool nonNegative);

    /// <summary>A kernel for an upsampling; null where none of this width applies.</summary>
    public abstract UpsampleRowKernel? Upsample(IntegerTensor input);
}

/// <summary>The vector kernels over one register type.</summary>
/// <param name="isa">What the instruction set is called in tables.</param>
internal sealed class KernelWidth<TVector, TIsa, TDot>(string isa) : KernelWidth
    where TVector : struct
    where TIsa : struct, IVectorIsa<TVector>
    where TDot : struct, IDotProduct<TVector>
{
    /// <inheritdoc/>
    public override ConvRowKernel? Conv(ConvInstruction conv, IntegerTensor input, IntegerTensor output, bool nonNegative)
    {
        if (!Requantization.StaysWithinInt32(conv))
        {
            return null;
        }

        // Half a block of channels or less would leave most lanes idle: the next smaller width takes those.
        bool pointwise = conv is { Kernel: 1, Stride: 1, Padding: 0, Groups: 1 };
        if (nonNegative && pointwise && input.Channels % 4 == 0 && output.Channels > TIsa.Width / 4)
        {
            return new PointwiseKernel<TVector, TIsa, TDot>($"{isa} pointwise", conv, output.Width);
        }

        bool depthwise = conv is { Kernel: 3, Padding: 1, Stride: 1 or 2, Residual: null } && conv.Groups == input.Channels && conv.Groups == output.Channels;
        if (nonNegative && depthwise && DepthwiseKernel<TVector, TIsa>.Supports(output.Channels, conv.Stride))
        {
            return new DepthwiseKernel<TVector, TIsa>($"{isa} depthwise", conv, input, output);
        }

        return conv.Groups == 1 && DenseKernel<TVector, TIsa>.Supports(output.Channels)
            ? new DenseKernel<TVector, TIsa>($"{isa} dense", conv, input, output)
            : null;
    }

    /// <inheritdoc/>
    public override UpsampleRowKernel? Upsample(IntegerTensor input) =>
        UpsampleKernel<TVector, TIsa>.Supports(input.Channels) ? new UpsampleKernel<TVector, TIsa>($"{isa} upsampling", input) : null;
}
