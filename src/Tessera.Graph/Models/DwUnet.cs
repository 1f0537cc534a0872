using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs.Models;

/// <summary>Settings of <see cref="DwUnet"/>; the names are the configuration's keys.</summary>
public sealed record DwUnetOptions
{
    /// <summary>Channels at stride s are base_channels × s; must fit the backbone (32 × alpha).</summary>
    public int BaseChannels { get; init; } = 8;

    /// <summary>A ReLU follows every depthwise convolution.</summary>
    public bool DwWithRelu { get; init; } = true;

    /// <summary>The strides whose maps are returned; a subset of 2, 4, 8, 16, 32, 64.</summary>
    public ImmutableArray<int> OutputScales { get; init; } = [4, 8, 16, 32, 64];

    /// <summary>Batch-norm settings.</summary>
    public BatchNormOptions Norm { get; init; } = new();
}

/// <summary>HAT's UNet neck of depthwise separable convolutions: down to stride 64, then up with a skip at every stride.</summary>
public static class DwUnet
{
    private const int CoarsestStride = 64;

    /// <summary>Appends the neck below scope <c>neck</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="features">Backbone maps at strides 2, 4, 8, 16, 32.</param>
    /// <param name="options">Settings.</param>
    /// <returns>The maps by stride, fine to coarse.</returns>
    /// <exception cref="UsageException">base_channels does not fit the backbone, or output_scales holds an impossible stride.</exception>
    public static ImmutableArray<(int Stride, Value Map)> Build(GraphBuilder builder, ImmutableArray<Value> features, DwUnetOptions options)
    {
        Check(features, options);
        using IDisposable scope = builder.Scope("neck");
        var maps = new SortedDictionary<int, Value>();
        Value x = features[^1];
        x = builder.SeparableConv("conv64_1", x, Channels(CoarsestStride), 2, options.Norm, options.DwWithRelu);
        x = builder.SeparableConv("conv64_2", x, Channels(CoarsestStride), 1, options.Norm, options.DwWithRelu);
        maps[CoarsestStride] = x;
        int finest = options.OutputScales.Min();
        int feature = features.Length;
        for (int stride = CoarsestStride / 2; stride >= finest; stride /= 2)
        {
            x = FuseSkip(builder, stride, x, features[--feature]);
            maps[stride] = x;
        }

        ImmutableArray<(int, Value)>.Builder outputs = ImmutableArray.CreateBuilder<(int, Value)>();
        foreach (int stride in options.OutputScales.Order())
        {
            outputs.Add((stride, builder.SeparableConv($"output.stride{stride}", maps[stride], Channels(stride), 1, options.Norm, options.DwWithRelu)));
        }

        return outputs.ToImmutable();

        Value FuseSkip(GraphBuilder b, int stride, Value coarse, Value skip)
        {
            using IDisposable level = b.Scope($"stride{stride}");
            Value horizontal = b.SeparableConv("horizontal", skip, Channels(stride), 1, options.Norm, options.DwWithRelu);
            Value vertical = b.SeparableConv("vertical", coarse, Channels(stride), 1, options.Norm, options.DwWithRelu);
            vertical = b.Node("upsample", Upsample.Bilinear(2), vertical);
            horizontal = b.SeparableConv("fuse", horizontal, Channels(stride), 1, options.Norm, options.DwWithRelu, pointwiseRelu: false);
            return b.Node("relu", new Relu(), b.Node("add", new Add(), horizontal, vertical));
        }

        int Channels(int stride) => options.BaseChannels * stride;
    }

    private static void Check(ImmutableArray<Value> features, DwUnetOptions options)
    {
        if (options.OutputScales.IsDefaultOrEmpty || options.OutputScales.Any(stride => stride is not (2 or 4 or 8 or 16 or 32 or 64))
            || options.OutputScales.Distinct().Count() != options.OutputScales.Length)
        {
            throw new UsageException($"neck.output_scales is [{string.Join(", ", options.OutputScales)}]; it must be a non-empty subset of 2, 4, 8, 16, 32, 64.");
        }

        for (int i = 0, stride = 2; i < features.Length; i++, stride *= 2)
        {
            if (features[i].Shape.C != options.BaseChannels * stride)
            {
                throw new UsageException($"neck.base_channels is {options.BaseChannels}, which needs {options.BaseChannels * stride} channels at stride {stride}; the backbone gives {features[i].Shape.C}. Set base_channels to 32 x backbone.alpha.");
            }
        }
    }
}
