using System.Collections.Immutable;
using Tessera.Recipes;

namespace Tessera.Graphs.Models;

/// <summary>Settings of <see cref="MobileNetV1"/>; the names are the configuration's keys.</summary>
public sealed record MobileNetV1Options
{
    /// <summary>Width multiplier; channels are int(base × alpha). The default is the one of a configuration, and fits that of <see cref="DwUnetOptions.BaseChannels"/>.</summary>
    public double Alpha { get; init; } = 0.25;

    /// <summary>Batch-norm settings.</summary>
    public BatchNormOptions Norm { get; init; } = new();

    /// <summary>Reads a <c>backbone</c> map of this type.</summary>
    /// <param name="keys">The map.</param>
    /// <param name="norm">The batch-norm settings of the whole model, over which the map's own lie.</param>
    public static MobileNetV1Options Read(IKeyReader keys, BatchNormOptions norm)
    {
        keys.Idle("num_classes"); // of the classifier, which the backbone of a segmentation network has not
        keys.Settled("include_top", "Tessera always leaves the classifier out.", "false");
        keys.Settled("flat_output", "Tessera always leaves the classifier out, whose output would be flat.", "false");
        keys.Settled("dw_with_relu", "A ReLU always follows the depthwise convolutions of this backbone, in HAT too.", "true");
        keys.Settled("dw_with_act", "A ReLU always follows the depthwise convolutions of this backbone, in HAT too.", "true");
        return new MobileNetV1Options { Alpha = keys.Number("alpha", 0.25, 1.0 / 32, 16), Norm = BatchNormOptions.Read(keys.Section("bn_kwargs"), norm) };
    }

    /// <summary>What keeps this from being a network.</summary>
    public IEnumerable<OptionFault> Faults()
    {
        if (!(Alpha * 32 >= 1) || Alpha > 16)
        {
            yield return new OptionFault("alpha", FormattableString.Invariant($"is {Alpha}; it must lie between 1/32 (a stem of one channel) and 16."));
        }
    }

    /// <summary>The channels of a layer that has so many at width 1.</summary>
    internal int Channels(int atAlphaOne) => (int)(atAlphaOne * Alpha);
}

/// <summary>The MobileNetV1 backbone (Howard et al., 2017) without classifier, as HAT builds it: five maps at strides 2 to 32.</summary>
public static class MobileNetV1
{
    // Output channels at alpha 1 and stride of every separable block, by stage; stage 1 begins with the 3×3 stem.
    private static readonly (int Channels, int Stride)[][] Stages =
    [
        [(64, 1)],
        [(128, 2), (128, 1)],
        [(256, 2), (256, 1)],
        [(512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1)],
        [(1024, 2), (1024, 1)],
    ];

    /// <summary>Appends the backbone below scope <c>backbone</c>.</summary>
    /// <returns>Maps at strides 2, 4, 8, 16, 32.</returns>
    public static ImmutableArray<Value> Build(GraphBuilder builder, Value image, MobileNetV1Options options)
    {
        using IDisposable scope = builder.Scope("backbone");
        ImmutableArray<Value>.Builder features = ImmutableArray.CreateBuilder<Value>(Stages.Length);
        Value x = image;
        for (int stage = 0; stage < Stages.Length; stage++)
        {
            using IDisposable level = builder.Scope($"mod{stage + 1}");
            int position = 0;
            if (stage == 0)
            {
                x = builder.ConvModule($"{position++}", x, options.Channels(32), 3, 2, 1, options.Norm, relu: true);
            }

            foreach ((int channels, int stride) in Stages[stage])
            {
                x = builder.SeparableConv($"{position++}", x, options.Channels(channels), stride, options.Norm);
            }

            features.Add(x);
        }

        return features.MoveToImmutable();
    }
}
