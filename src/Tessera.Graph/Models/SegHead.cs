using System.Collections.Immutable;
using Tessera.Recipes;

namespace Tessera.Graphs.Models;

/// <summary>Settings of <see cref="SegHead"/>.</summary>
public sealed record SegHeadOptions
{
    /// <summary>Number of classes, 1 to 255.</summary>
    public int NumClasses { get; init; } = 19;

    /// <summary>Batch-norm settings of the output convolutions.</summary>
    public BatchNormOptions Norm { get; init; } = new();

    /// <summary>Reads a <c>head</c> map of this type.</summary>
    /// <param name="keys">The map.</param>
    /// <param name="norm">The batch-norm settings of the whole model, over which the map's own lie.</param>
    /// <param name="neck">The neck, whose outputs HAT's configurations repeat here; null where it is not known.</param>
    public static SegHeadOptions Read(IKeyReader keys, BatchNormOptions norm, DwUnetOptions? neck)
    {
        ReadRepeated(keys, neck);
        keys.Settled("stacked_convs", "Tessera's head is always one 1x1 convolution for each stride.", "0");
        keys.Settled("argmax_output", "Tessera always trains on logits, and always deploys with the argmax.", "false");
        keys.Settled("dequant_output", "Tessera always trains on real logits; the deployed network has none, only the class map.", "true");
        keys.Settled("int8_output", "Tessera's logits are always int8 before the argmax.", "true");
        keys.Settled("upscale", "Tessera's logits always have the size of their stride; prediction enlarges the class map.", "false");
        keys.Settled("output_with_bn", "A batch norm always follows the convolution of Tessera's head; quantization folds it.", "true");
        return new SegHeadOptions { NumClasses = keys.Int("num_classes", 19, 2, 255), Norm = BatchNormOptions.Read(keys.Section("bn_kwargs"), norm) };
    }

    private static void ReadRepeated(IKeyReader keys, DwUnetOptions? neck)
    {
        const string Channels = "stride2channels", FromNeck = "Tessera always takes it from the neck: neck.output_scales, and neck.base_channels times the stride.";
        if (neck is null)
        {
            keys.Idle("in_strides", "out_strides", "feat_channels", Channels);
            return;
        }

        int[] strides = [.. neck.OutputScales.Order()];
        keys.Settled("in_strides", FromNeck, List(strides));
        keys.Settled("out_strides", FromNeck, List(strides));
        keys.Settled("feat_channels", FromNeck, List(strides.Select(stride => neck.BaseChannels * stride)));

        // A table may hold more strides than are used.
        keys.Settled(Channels, FromNeck, Table(strides), Table(DwUnet.Strides[1..]), Table(DwUnet.Strides), Table(DwUnet.Strides.Prepend(1)));

        string List(IEnumerable<int> values) => $"[{string.Join(", ", values)}]";
        string Table(IEnumerable<int> keyed) => $"{{{string.Join(", ", keyed.OrderBy(stride => $"{stride}", StringComparer.Ordinal).Select(stride => $"{stride}: {neck.BaseChannels * stride}"))}}}";
    }
}

/// <summary>HAT's segmentation head: one 1×1 convolution with batch norm per stride, no activation; weights start from N(0, 0.01²).</summary>
public static class SegHead
{
    /// <summary>Appends the head below scope <c>head</c> and returns the logits, N×classes×h×w, by stride.</summary>
    public static ImmutableArray<(int Stride, Value Logits)> Build(GraphBuilder builder, ImmutableArray<(int Stride, Value Map)> maps, SegHeadOptions options)
    {
        using IDisposable scope = builder.Scope("head");
        return [.. maps.Select(map => (map.Stride, builder.ConvModule($"stride{map.Stride}", map.Map, options.NumClasses, 1, 1, 1, options.Norm, relu: false, new ConvInit(0.01f))))];
    }
}
