using Tessera.Core;

namespace Tessera.Graphs.Models;

/// <summary>HAT's ConvModule2d and SeparableConvModule2d as builder functions; positions in the name path are HAT's.</summary>
internal static class Blocks
{
    /// <summary>Convolution (0), batch norm (1), ReLU (2) below a scope of their own; padding keeps the size, but for the stride.</summary>
    public static Value ConvModule(this GraphBuilder builder, string scope, Value x, int outChannels, int kernel, int stride, int groups, BatchNormOptions norm, bool relu, ConvInit init = default, int dilation = 1)
    {
        using IDisposable level = builder.Scope(scope);
        x = builder.Node("0", new Conv2d(x.Shape.C, outChannels, ConvGeometry.Square(kernel, stride, kernel / 2 * dilation, groups, dilation)) { Init = init }, x);
        x = builder.Node("1", new BatchNorm2d(outChannels, norm.Eps, norm.Momentum), x);
        return relu ? builder.Node("2", new Relu(), x) : x;
    }

    /// <summary>Depthwise 3×3 (0) and pointwise 1×1 (1), each a convolution module.</summary>
    public static Value SeparableConv(this GraphBuilder builder, string scope, Value x, int outChannels, int stride, BatchNormOptions norm, bool depthwiseRelu = true, bool pointwiseRelu = true, int dilation = 1)
    {
        using IDisposable outer = builder.Scope(scope);
        x = builder.ConvModule("0", x, x.Shape.C, 3, stride, x.Shape.C, norm, depthwiseRelu, dilation: dilation);
        return builder.ConvModule("1", x, outChannels, 1, 1, 1, norm, pointwiseRelu);
    }
}
