using System.IO.Enumeration;
using Tessera.Core;
using Tessera.Recipes;
using Tessera.Graphs;

namespace Tessera.Quantization;

/// <summary>Which convolutions an <see cref="ObserverRule"/> is for.</summary>
public enum ConvolutionKind
{
    /// <summary>All.</summary>
    Any,

    /// <summary>One filter for each channel.</summary>
    Depthwise,

    /// <summary>1×1 over all channels.</summary>
    Pointwise,

    /// <summary>Larger than 1×1, over all channels.</summary>
    Dense,
}

/// <summary>Observers for the convolutions of a kind whose names match a pattern. What is null stays as it is for all.</summary>
public sealed record ObserverRule
{
    /// <summary>The whole node name; <c>*</c> stands for any letters, <c>?</c> for one.</summary>
    public string Nodes { get; init; } = "*";

    /// <summary>The kind of convolution.</summary>
    public ConvolutionKind Op { get; init; }

    /// <summary>The observer of the node's output.</summary>
    public ObserverKind? ActivationObserver { get; init; }

    /// <summary>The observer of its weights.</summary>
    public ObserverKind? WeightObserver { get; init; }

    /// <summary>What shares a weight scale.</summary>
    public WeightGranularity? WeightGranularity { get; init; }

    /// <summary>The percentile observers' share in percent.</summary>
    public double? Percentile { get; init; }

    /// <summary>The scale of its output; with <see cref="ObserverKind.FixedScale"/>.</summary>
    public float? Scale { get; init; }

    /// <summary>Whether the rule is for a node.</summary>
    public bool Matches(Node node) => node.Op is Conv2d conv && FileSystemName.MatchesSimpleExpression(Nodes, node.Name, ignoreCase: false) && (Op == ConvolutionKind.Any || Op == KindOf(conv));

    /// <summary>Passes when the rule is for some node.</summary>
    /// <param name="prepared">The prepared graph.</param>
    /// <exception cref="UsageException">It is for none; the message has the nearest names.</exception>
    internal void Require(Graph prepared)
    {
        if (prepared.Nodes.Any(Matches))
        {
            return;
        }

        string[] names = [.. prepared.Nodes.Where(node => node.Op is Conv2d).Select(node => node.Name)];
        bool isNamed = (this with { Op = ConvolutionKind.Any }) is var any && prepared.Nodes.Any(any.Matches);
        string letters = Nodes.Replace("*", "", StringComparison.Ordinal).Replace("?", "", StringComparison.Ordinal);
        string nearest = string.Join(", ", names.OrderBy(name => NearestName.Distance(letters, name)).Take(3));
        throw new UsageException(isNamed
            ? $"An observer rule is for {Op.ToString().ToLowerInvariant()} convolutions with names like {Nodes}; those names are other convolutions'. Leave its op out, or change its pattern."
            : $"An observer rule is for nodes with names like {Nodes}; no convolution of the network has such a name. The nearest names are {nearest}; * stands for any letters, and the pattern must match the whole name.");
    }

    private static ConvolutionKind KindOf(Conv2d conv) =>
        conv.Geometry.Groups > 1 && conv.Geometry.Groups == conv.OutChannels ? ConvolutionKind.Depthwise : conv.Geometry.Area == 1 ? ConvolutionKind.Pointwise : ConvolutionKind.Dense;
}
