using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Graphs.Models;

/// <summary>HAT's segmentation network of its example: MobileNetV1 as backbone, a UNet of depthwise separable convolutions as neck, logits at several strides.</summary>
public sealed record Segmentor : SegmentationModel
{
    private static readonly RecipeTable<Func<BatchNormOptions, MobileNetV1Options>> Backbones = Only("backbone", "MobileNetV1", MobileNetV1Options.Read);
    private static readonly RecipeTable<Func<BatchNormOptions, DwUnetOptions>> Necks = Only("neck", "DwUnet", DwUnetOptions.Read);

    /// <summary>The backbone.</summary>
    public MobileNetV1Options Backbone { get; init; } = new();

    /// <summary>The neck.</summary>
    public DwUnetOptions Neck { get; init; } = new();

    /// <summary>The head.</summary>
    public SegHeadOptions Head { get; init; } = new();

    /// <inheritdoc/>
    public override int NumClasses => Head.NumClasses;

    /// <inheritdoc/>
    public override string NumClassesKey => "head.num_classes";

    /// <summary>Reads a <c>model</c> map of this type.</summary>
    public static Segmentor Read(IKeyReader keys)
    {
        BatchNormOptions norm = BatchNormOptions.Read(keys.Section("bn_kwargs"), BatchNormOptions.Example);
        MobileNetV1Options backbone = keys.Section("backbone").Typed(Backbones, "MobileNetV1")(norm);
        int problems = keys.ProblemCount;
        DwUnetOptions neck = keys.Section("neck").Typed(Necks, "DwUnet")(norm);
        DwUnetOptions? known = keys.ProblemCount == problems ? neck : null; // what was put in for wrong values says nothing
        RecipeTable<Func<BatchNormOptions, SegHeadOptions>> heads = Only("head", "SegHead", (section, norms) => SegHeadOptions.Read(section, norms, known));
        return new Segmentor { Backbone = backbone, Neck = neck, Head = keys.Section("head").Typed(heads, "SegHead")(norm) };
    }

    /// <inheritdoc/>
    public override IEnumerable<OptionFault> Faults() =>
    [
        .. base.Faults(),
        .. Backbone.Faults().Select(fault => fault with { Key = $"backbone.{fault.Key}" }),
        .. Neck.Faults(Backbone).Select(fault => fault with { Key = $"neck.{fault.Key}" }),
    ];

    /// <inheritdoc/>
    protected override Graph Build(TensorShape input)
    {
        var builder = new GraphBuilder("unet_mobilenetv1");
        ImmutableArray<Value> features = MobileNetV1.Build(builder, builder.Input("img", input), Backbone);
        ImmutableArray<(int Stride, Value Map)> maps = DwUnet.Build(builder, features, Neck);
        foreach ((int stride, Value logits) in SegHead.Build(builder, maps, Head))
        {
            builder.Output($"stride{stride}", logits);
        }

        return builder.Build();
    }

    private static RecipeTable<Func<BatchNormOptions, T>> Only<T>(string what, string name, Func<IKeyReader, BatchNormOptions, T> read) =>
        new(what, new Recipe<Func<BatchNormOptions, T>>(name, keys => norm => read(keys, norm)));
}
