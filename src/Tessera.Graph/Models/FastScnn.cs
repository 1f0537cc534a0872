using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Graphs.Models;

/// <summary>
/// Fast-SCNN (Poudel, Liwicki, Cipolla, 2019, arXiv 1902.04502): a shallow path of detail and a deep one of context that share their first three layers.
/// The pyramid pools to grids whose windows are powers of two, so that pooling and upsampling are exact in integers; there is no dropout.
/// </summary>
public sealed record FastScnn : SegmentationModel
{
    private const int Expansion = 6, ContextChannels = 128, ContextStride = 32, MaxGrid = 64;

    // Channels, number and first stride of the groups of bottlenecks.
    private static readonly (int Channels, int Count, int Stride)[] Bottlenecks = [(64, 3, 2), (96, 3, 2), (ContextChannels, 3, 1)];

    /// <inheritdoc/>
    public override int NumClasses => Classes;

    /// <summary>Number of classes, 1 to 255; key <c>num_classes</c>.</summary>
    public int Classes { get; init; } = 19;

    /// <summary>For each level of the pyramid, into how many parts it divides height and width of the map at stride 32.</summary>
    public ImmutableArray<int> PyramidGrids { get; init; } = [1, 2, 4, 8];

    /// <summary>A ReLU follows the depthwise convolution of every separable one. (Those of bottlenecks and of the fusion always have one.)</summary>
    public bool DwWithRelu { get; init; } = true;

    /// <summary>While training, there are logits behind the shared layers and behind the context too.</summary>
    public bool Auxiliary { get; init; } = true;

    /// <summary>Batch-norm settings.</summary>
    public BatchNormOptions Norm { get; init; } = new();

    /// <summary>The input sizes whose map at stride 32 every grid divides into windows of a power of two, of at most what upsampling restores in one step.</summary>
    public override SizeRule Sizes
    {
        get
        {
            int finest = PyramidGrids.Max(), most = BilinearTap.MaxFactor * PyramidGrids.Min();
            IEnumerable<int> maps = Enumerable.Range(0, int.Log2(BilinearTap.MaxFactor) + 1).Select(power => finest << power).Where(map => map <= most);
            return SizeRule.OneOf([.. maps.Select(map => ContextStride * map)], $"pyramid_grids {Text} divide these by {ContextStride} and a power of two");
        }
    }

    private string Text => $"[{string.Join(", ", PyramidGrids.IsDefault ? [] : PyramidGrids)}]";

    /// <summary>Reads a <c>model</c> map of this type.</summary>
    public static FastScnn Read(IKeyReader keys) => new()
    {
        Classes = keys.Int("num_classes", 19, 2, 255),
        PyramidGrids = keys.Ints("pyramid_grids", [1, 2, 4, 8], null, 1, MaxGrid),
        DwWithRelu = keys.Flag("dw_with_relu", true),
        Auxiliary = keys.Flag("auxiliary", true),
        Norm = BatchNormOptions.Read(keys.Section("bn_kwargs"), new BatchNormOptions()),
    };

    /// <inheritdoc/>
    public override IEnumerable<OptionFault> Faults()
    {
        foreach (OptionFault fault in base.Faults())
        {
            yield return fault;
        }

        if (PyramidGrids.IsDefaultOrEmpty || PyramidGrids.Any(grid => grid is < 1 or > MaxGrid) || PyramidGrids.Distinct().Count() != PyramidGrids.Length)
        {
            yield return new OptionFault("pyramid_grids", $"is {Text}; it must hold at least one grid from 1 to {MaxGrid}, each once.");
        }
        else if (PyramidGrids.Select(grid => grid >> int.TrailingZeroCount(grid)).Distinct().Count() > 1)
        {
            yield return new OptionFault("pyramid_grids", $"is {Text}; no map is divided by all of them into windows of a power of two, which int8 needs. Use grids that are powers of two, like 1, 2, 4, 8, or one odd number times powers of two, like 3, 6, 12.");
        }
    }

    /// <inheritdoc/>
    protected override Graph Build(TensorShape input)
    {
        var builder = new GraphBuilder("fast_scnn");
        Value detail = LearnToDownsample(builder, builder.Input("img", input)), context = Pyramid(builder, ExtractContext(builder, detail));
        Value fused = Fuse(builder, detail, context);
        using (builder.Scope("classifier"))
        {
            fused = builder.SeparableConv("0", fused, fused.Shape.C, 1, Norm, DwWithRelu);
            fused = builder.SeparableConv("1", fused, fused.Shape.C, 1, Norm, DwWithRelu);
            builder.Output("logits", Logits(builder, "2", fused));
        }

        if (Auxiliary)
        {
            builder.Output("detail", AuxiliaryLogits(builder, "detail", detail));
            builder.Output("context", AuxiliaryLogits(builder, "context", context));
        }

        return builder.Build();
    }

    private Value LearnToDownsample(GraphBuilder builder, Value image)
    {
        using IDisposable scope = builder.Scope("downsample");
        Value x = builder.ConvModule("0", image, 32, 3, 2, 1, Norm, relu: true);
        x = builder.SeparableConv("1", x, 48, 2, Norm, DwWithRelu);
        return builder.SeparableConv("2", x, 64, 2, Norm, DwWithRelu);
    }

    private Value ExtractContext(GraphBuilder builder, Value x)
    {
        using IDisposable scope = builder.Scope("context");
        int position = 0;
        foreach ((int channels, int count, int stride) in Bottlenecks)
        {
            for (int i = 0; i < count; i++)
            {
                x = Bottleneck(builder, $"{position++}", x, channels, i == 0 ? stride : 1);
            }
        }

        return x;
    }

    /// <summary>MobileNetV2's inverted residual with a linear end: signed values, which the next layer reads as they are.</summary>
    private Value Bottleneck(GraphBuilder builder, string scope, Value x, int channels, int stride)
    {
        using IDisposable level = builder.Scope(scope);
        int wide = Expansion * x.Shape.C;
        Value y = builder.ConvModule("0", x, wide, 1, 1, 1, Norm, relu: true);
        y = builder.ConvModule("1", y, wide, 3, stride, wide, Norm, relu: true);
        y = builder.ConvModule("2", y, channels, 1, 1, 1, Norm, relu: false);
        return y.Shape == x.Shape ? builder.Node("add", new Add(), x, y) : y;
    }

    private Value Pyramid(GraphBuilder builder, Value map)
    {
        using IDisposable scope = builder.Scope("pyramid");
        Value all = builder.Node("concat", new Concat(), [map, .. PyramidGrids.Select(Level)]);
        return builder.ConvModule("out", all, ContextChannels, 1, 1, 1, Norm, relu: true);

        Value Level(int grid)
        {
            if (map.Shape.H % grid != 0 || map.Shape.W % grid != 0)
            {
                throw new GraphException($"A grid of {grid}x{grid} does not divide {map.Shape}.");
            }

            using IDisposable level = builder.Scope($"grid{grid}");
            int rows = map.Shape.H / grid, columns = map.Shape.W / grid;
            Value x = builder.Node("pool", new AvgPool2d(new ConvAxis(rows, rows), new ConvAxis(columns, columns)), map);
            x = builder.ConvModule("conv", x, ContextChannels / PyramidGrids.Length, 1, 1, 1, Norm, relu: true);
            return builder.Node("upsample", new Upsample(rows, columns, UpsampleMode.Bilinear), x);
        }
    }

    private Value Fuse(GraphBuilder builder, Value detail, Value context)
    {
        using IDisposable scope = builder.Scope("fusion");
        context = builder.Node("upsample", Upsample.Bilinear(4), context);
        context = builder.SeparableConv("context", context, ContextChannels, 1, Norm, pointwiseRelu: false, dilation: 4);
        detail = builder.ConvModule("detail", detail, ContextChannels, 1, 1, 1, Norm, relu: false);
        return builder.Node("relu", new Relu(), builder.Node("add", new Add(), context, detail));
    }

    private Value AuxiliaryLogits(GraphBuilder builder, string name, Value x)
    {
        using IDisposable scope = builder.Scope($"auxiliary.{name}");
        return Logits(builder, "1", builder.SeparableConv("0", x, x.Shape.C, 1, Norm, DwWithRelu));
    }

    private Value Logits(GraphBuilder builder, string name, Value x) => builder.Node(name, new Conv2d(x.Shape.C, Classes, ConvGeometry.Square(1)), x);
}
