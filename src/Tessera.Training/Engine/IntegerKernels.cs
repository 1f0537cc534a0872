using Tessera.Core;
using Tessera.Graphs;
using static TorchSharp.torch;

namespace Tessera.Training;

/// <summary>
/// The kernels of an annotated graph: the arithmetic of <see cref="Int8Arithmetic"/> on float32 tensors that hold integers.
/// </summary>
/// <remarks>
/// Every accumulator stays below 2^24 (lowering proves it), so libtorch's float32 convolution adds integers without rounding, in whatever order.
/// Gradients are straight-through: rounding hands the gradient on as it is, clamping lets it pass where the value lies within the range, ends included.
/// </remarks>
internal static class IntegerKernels
{
    private static readonly KeptScalar High = new((long)Int8Arithmetic.Max);
    private static readonly KeptScalar ImageSteps = new(1 / Int8Arithmetic.ImageScale);

    /// <summary>The lower end after a ReLU.</summary>
    public static KeptScalar Zero { get; } = new(0L);

    /// <summary>The lower end without a ReLU, -128.</summary>
    public static KeptScalar Low { get; } = new((long)Int8Arithmetic.Min);

    /// <summary>Makes the kernel of a node.</summary>
    /// <param name="graph">The annotated graph.</param>
    /// <param name="node">The node.</param>
    /// <param name="parameters">The module's tensors by parameter name.</param>
    /// <param name="constants">Takes the tensors that the kernel makes once; the module disposes them.</param>
    /// <exception cref="ArgumentException">The node cannot stand in an annotated graph, or an annotation is missing.</exception>
    public static Kernel For(Graph graph, Node node, IReadOnlyDictionary<string, Tensor> parameters, ICollection<Tensor> constants)
    {
        switch (node.Op)
        {
            case Input when Scale(node) == Int8Arithmetic.ImageScale:
                return static (inputs, _) => Image(inputs[0]);
            case Input:
                throw new ArgumentException($"Node {node.Name}: the image's scale is {Scale(node)}; it must be 1/128.");
            case Conv2d conv:
                var convolution = new IntegerConvolution(graph, node, conv, parameters, constants);
                return (inputs, _) => convolution.Run(inputs);
            case Upsample2x when Scale(node) == Scale(graph[node.Inputs[0]]):
                return static (inputs, _) => Round(FloatKernels.Upsample(inputs[0]));
            case Upsample2x:
                throw new ArgumentException($"Node {node.Name}: an upsample keeps its input's scale {Scale(graph[node.Inputs[0]])}; it has {Scale(node)}.");
            case ArgMax:
                return static (inputs, _) => inputs[0].argmax(1, keepdim: true);
            default:
                throw new ArgumentException($"Node {node.Name}: {node.Op.Mnemonic} has no integer arithmetic; prepare the graph (fold batch norm, fuse) before it is annotated.");
        }
    }

    /// <summary>The scale of a node's output.</summary>
    /// <exception cref="ArgumentException">It has none.</exception>
    public static float Scale(Node node) => node.Output.Quant?.Scale
        ?? throw new ArgumentException($"Node {node.Name} has no scale although the graph's input has one; annotate the whole graph.");

    /// <summary>Rounds half to even; the gradient passes as if nothing was rounded.</summary>
    /// <param name="x">A tensor of which the caller holds the only handle and whose values no gradient needs; it is overwritten.</param>
    public static Tensor Round(Tensor x)
    {
        // Written through a detached handle of the same storage: exact, and no node in the gradient's graph.
        using Tensor values = x.detach();
        values.round_();
        return x;
    }

    /// <summary>rne(clamp(x, low, 127)) with a straight-through gradient.</summary>
    /// <param name="x">Overwritten where no gradient is recorded.</param>
    /// <param name="low"><see cref="Zero"/> or <see cref="Low"/>.</param>
    public static Tensor RoundClamped(Tensor x, KeptScalar low)
    {
        if (!x.requires_grad)
        {
            return x.ClampInPlace(low, High).round_();
        }

        // The gradient of a clamp needs the values before it and not those after, which may therefore be rounded in place.
        using Tensor unclamped = x;
        return Round(unclamped.Clamped(low, High));
    }

    private static Tensor Image(Tensor images)
    {
        using Tensor integers = images.Times(ImageSteps);
        return FloatKernels.ChannelsLast(integers);
    }
}
