using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Recipes;

namespace Tessera.Cli.Tests.Models;

/// <summary>A second network, of another kind: strides 2 and 3, no upsampling, an auxiliary head at stride 12 that stands before the finest one.</summary>
internal sealed record TinyNet : SegmentationModel
{
    public static RecipeTable<SegmentationModel> Table { get; } = new("model", new Recipe<SegmentationModel>("Segmentor", Segmentor.Read), new Recipe<SegmentationModel>("TinyNet", Read));

    public override int NumClasses => Classes;

    public int Classes { get; init; }

    public int Width { get; init; } = 8;

    public int Groups { get; init; } = 1;

    public override IEnumerable<OptionFault> Faults() =>
        Width % Groups == 0 ? base.Faults() : [new OptionFault("groups", $"is {Groups}, which does not divide the width, {Width}. Set it to a divisor of width.")];

    protected override Graph Build(TensorShape input)
    {
        var builder = new GraphBuilder("tiny");
        Value stem = Layer("stem", builder.Input("img", input), Width, 2, 1), body = Layer("body", stem, Width, 3, Groups), context = Layer("context", body, Width, 2, 1);
        builder.Output("aux", Layer("aux", context, Classes, 1, 1, relu: false));
        builder.Output("main", Layer("main", body, Classes, 1, 1, relu: false));
        return builder.Build();

        Value Layer(string name, Value x, int channels, int stride, int groups, bool relu = true)
        {
            using IDisposable scope = builder.Scope(name);
            x = builder.Node("conv", new Conv2d(x.Shape.C, channels, ConvGeometry.Square(3, stride, 1, groups)), x);
            x = builder.Node("norm", new BatchNorm2d(channels, 1e-5f, 0.1f), x);
            return relu ? builder.Node("relu", new Relu(), x) : x;
        }
    }

    private static TinyNet Read(IKeyReader keys) => new() { Classes = keys.Int("num_classes", 19, 2, 255), Width = keys.Int("width", 8, 1, 64), Groups = keys.Int("groups", 1, 1, 64) };
}
