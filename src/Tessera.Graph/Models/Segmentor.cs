using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs.Models;

/// <summary>Settings of <see cref="SegHead"/>.</summary>
public sealed record SegHeadOptions
{
    /// <summary>Number of classes, 1 to 255.</summary>
    public int NumClasses { get; init; } = 19;

    /// <summary>Batch-norm settings of the output convolutions.</summary>
    public BatchNormOptions Norm { get; init; } = new();
}

/// <summary>HAT's segmentation head: one 1×1 convolution with batch norm per stride, no activation; weights start from N(0, 0.01²).</summary>
public static class SegHead
{
    /// <summary>Appends the head below scope <c>head</c> and returns the logits, N×classes×h×w, by stride.</summary>
    public static ImmutableArray<(int Stride, Value Logits)> Build(GraphBuilder builder, ImmutableArray<(int Stride, Value Map)> maps, SegHeadOptions options)
    {
        using IDisposable scope = builder.Scope("head");
        return [.. maps.Select(map => (map.Stride, Logits(map.Stride, map.Map)))];

        Value Logits(int stride, Value map)
        {
            using IDisposable level = builder.Scope($"stride{stride}");
            return builder.ConvModule(map, options.NumClasses, 1, 1, 1, options.Norm, relu: false, new ConvInit(0.01f));
        }
    }
}

/// <summary>Settings of the whole network.</summary>
public sealed record SegmentorOptions
{
    /// <summary>The backbone.</summary>
    public MobileNetV1Options Backbone { get; init; } = new();

    /// <summary>The neck.</summary>
    public DwUnetOptions Neck { get; init; } = new();

    /// <summary>The head.</summary>
    public SegHeadOptions Head { get; init; } = new();
}

/// <summary>Backbone, neck and head as one network; training and deploy form.</summary>
public static class Segmentor
{
    /// <summary>The name of the deploy graph's output: one byte per pixel at the finest stride.</summary>
    public const string ClassMap = "class_map";

    /// <summary>The node that makes the class map.</summary>
    public const string ArgMaxNode = "head.argmax";

    /// <summary>The name of the logits output of a stride in the training graph.</summary>
    public static string LogitsOutput(int stride) => $"stride{stride}";

    /// <summary>The strides of the graph's logits outputs, fine to coarse.</summary>
    public static ImmutableArray<int> Strides(Graph training) =>
        [.. training.Outputs.Select(output => training.Input.Output.Shape.H / training.ValueOf(output.Value).Shape.H)];

    /// <summary>The training graph: one logits output per stride, named <c>stride4</c> and so on, fine to coarse.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="input">N×3×H×W, H and W divisible by 64.</param>
    /// <exception cref="UsageException">The size is not divisible by 64, or a setting is impossible.</exception>
    public static Graph Training(SegmentorOptions options, TensorShape input)
    {
        if (input.H % 64 != 0 || input.W % 64 != 0 || input.C != 3)
        {
            throw new UsageException($"The input shape is {input}; it needs 3 channels, and height and width divisible by 64 (the coarsest stride). The nearest size is {Nearest(input.H)}x{Nearest(input.W)}.");
        }

        if (options.Head.NumClasses is < 1 or > 255)
        {
            throw new UsageException($"head.num_classes is {options.Head.NumClasses}; it must lie between 1 and 255 (one byte per pixel).");
        }

        var builder = new GraphBuilder("unet_mobilenetv1");
        ImmutableArray<Value> features = MobileNetV1.Build(builder, builder.Input("img", input), options.Backbone);
        ImmutableArray<(int Stride, Value Map)> maps = DwUnet.Build(builder, features, options.Neck);
        foreach ((int stride, Value logits) in SegHead.Build(builder, maps, options.Head))
        {
            builder.Output(LogitsOutput(stride), logits);
        }

        return builder.Build();

        static int Nearest(int size) => Math.Max(64, (size + 32) / 64 * 64);
    }

    /// <summary>The deploy graph of a training graph: the finest logits, what they need, and the argmax.</summary>
    public static Graph Deploy(Graph training)
    {
        string finest = training.Outputs[0].Name;
        return training.KeepOutputs(finest).AppendToOutput(finest, ArgMaxNode, new ArgMax(), ClassMap);
    }
}
