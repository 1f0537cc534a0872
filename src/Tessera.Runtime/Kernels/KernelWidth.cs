using Tessera.Core;
using Tessera.Programs;
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

    /// <summary>A kernel for a convolution over all channels whose input may be negative, or that has another form; null where none of this width applies.</summary>
    public abstract ConvRowKernel? Dense(ConvInstruction conv, IntegerTensor input, IntegerTensor output);

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
        if (!nonNegative)
        {
            return null;
        }

        // Half a block of channels or less would leave most lanes idle: the next smaller width takes those.
        bool pointwise = conv.Geometry == ConvGeometry.Square(1);
        if (pointwise && input.Channels % 4 == 0 && output.Channels > TIsa.Width / 4)
        {
            return new PointwiseKernel<TVector, TIsa, TDot>($"{isa} pointwise", conv, output.Width);
        }

        int stride = conv.Geometry.Rows.Stride;
        bool depthwise = stride is 1 or 2 && conv.Residual is null && conv.Geometry == ConvGeometry.Square(3, stride, 1, input.Channels) && input.Channels == output.Channels;
        return depthwise && DepthwiseKernel<TVector, TIsa, TDot>.Supports(output.Channels, stride)
            ? new DepthwiseKernel<TVector, TIsa, TDot>($"{isa} depthwise", conv, input, output)
            : null;
    }

    /// <inheritdoc/>
    public override ConvRowKernel? Dense(ConvInstruction conv, IntegerTensor input, IntegerTensor output) =>
        conv.Geometry.Groups == 1 && DenseKernel<TVector, TIsa>.Supports(output.Channels)
            ? new DenseKernel<TVector, TIsa>($"{isa} dense", conv, input, output)
            : null;

    /// <inheritdoc/>
    public override UpsampleRowKernel? Upsample(IntegerTensor input) =>
        UpsampleKernel<TVector, TIsa>.Supports(input.Channels) ? new UpsampleKernel<TVector, TIsa>($"{isa} upsampling", input) : null;
}

/// <summary>The one kernel of 512 bits that is not generic: the stem.</summary>
internal sealed class StemWidth : KernelWidth
{
    /// <inheritdoc/>
    public override ConvRowKernel? Conv(ConvInstruction conv, IntegerTensor input, IntegerTensor output, bool nonNegative) => null;

    /// <inheritdoc/>
    public override ConvRowKernel? Dense(ConvInstruction conv, IntegerTensor input, IntegerTensor output) =>
        StemKernel.Supports(conv, input, output) ? new StemKernel(conv, input, output) : null;

    /// <inheritdoc/>
    public override UpsampleRowKernel? Upsample(IntegerTensor input) => null;
}
