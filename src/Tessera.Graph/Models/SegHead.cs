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
    public static SegHeadOptions Read(IKeyReader keys, BatchNormOptions norm) => new()
    {
        NumClasses = keys.Int("num_classes", 19, 2, 255),
        Norm = BatchNormOptions.Read(keys.Section("bn_kwargs"), norm),
    };
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
