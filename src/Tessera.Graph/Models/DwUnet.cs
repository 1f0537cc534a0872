using System.Collections.Immutable;
using Tessera.Recipes;

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

    /// <summary>Reads a <c>neck</c> map of this type.</summary>
    /// <param name="keys">The map.</param>
    /// <param name="norm">The batch-norm settings of the whole model, over which the map's own lie.</param>
    public static DwUnetOptions Read(IKeyReader keys, BatchNormOptions norm)
    {
        keys.Settled("act_type", "Tessera's activation is always the ReLU, which int8 has without loss.", "ReLU");
        keys.Settled("use_deconv", "Tessera always goes up by bilinear interpolation; HAT, too, refuses true here.", "false");
        return new DwUnetOptions
        {
            BaseChannels = keys.Int("base_channels", 8, 1, 512),
            DwWithRelu = ReadDepthwiseRelu(keys),
            OutputScales = keys.Ints("output_scales", [4, 8, 16, 32, 64], null, 1, 1 << 16),
            Norm = BatchNormOptions.Read(keys.Section("bn_kwargs"), norm),
        };
    }

    // HAT's newer configurations call it dw_with_act.
    private static bool ReadDepthwiseRelu(IKeyReader keys)
    {
        if (!keys.GivenKeys.Contains("dw_with_act"))
        {
            return keys.Flag("dw_with_relu", true);
        }

        bool newer = keys.Flag("dw_with_act", true), older = keys.Flag("dw_with_relu", newer);
        if (newer != older)
        {
            keys.Report("dw_with_act", "contradicts dw_with_relu, which is the same by its older name. Remove one of them.");
        }

        keys.Idle("dw_with_act");
        return newer;
    }

    /// <summary>What keeps this from being a neck on a backbone.</summary>
    /// <param name="backbone">The backbone.</param>
    public IEnumerable<OptionFault> Faults(MobileNetV1Options backbone)
    {
        if (OutputScales.IsDefaultOrEmpty || OutputScales.Except(DwUnet.Strides).Any() || OutputScales.Distinct().Count() != OutputScales.Length)
        {
            yield return new OptionFault("output_scales", $"is [{string.Join(", ", OutputScales.IsDefault ? [] : OutputScales)}]; it must hold some of the strides {string.Join(", ", DwUnet.Strides)}, each once.");
        }

        foreach (int stride in DwUnet.Strides[..^1])
        {
            if (backbone.Channels(32 * stride) != BaseChannels * stride)
            {
                yield return new OptionFault("base_channels", $"is {BaseChannels}, which needs {BaseChannels * stride} channels at stride {stride}; the backbone gives {backbone.Channels(32 * stride)}. Set base_channels to 32 x backbone.alpha.");
                break;
            }
        }
    }
}

/// <summary>HAT's UNet neck of depthwise separable convolutions: down to stride 64, then up with a skip at every stride.</summary>
public static class DwUnet
{
    private const int CoarsestStride = 64;

    /// <summary>The strides at which the neck has a map.</summary>
    internal static ImmutableArray<int> Strides { get; } = [2, 4, 8, 16, 32, CoarsestStride];

    /// <summary>Appends the neck below scope <c>neck</c>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="features">Backbone maps at strides 2, 4, 8, 16, 32.</param>
    /// <param name="options">Settings.</param>
    /// <returns>The maps by stride, fine to coarse.</returns>
    public static ImmutableArray<(int Stride, Value Map)> Build(GraphBuilder builder, ImmutableArray<Value> features, DwUnetOptions options)
    {
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
}
