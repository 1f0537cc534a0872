using Tessera.Core;
using Tessera.Graphs;
using static TorchSharp.torch;
using UpsampleMode = Tessera.Core.UpsampleMode;

namespace Tessera.Training;

/// <summary>
/// The kernel of a node of an annotated graph: the arithmetic of <see cref="Int8Arithmetic"/> on float32 tensors that hold integers.
/// </summary>
/// <remarks>
/// Every accumulator stays below 2^24 (lowering proves it), so libtorch's float32 convolution adds integers without rounding, in whatever order.
/// Gradients are straight-through: rounding hands the gradient on as it is, clamping lets it pass where the value lies within the range, ends included.
/// </remarks>
/// <param name="graph">The annotated graph.</param>
/// <param name="node">The node.</param>
/// <param name="parameters">The module's tensors by parameter name.</param>
/// <param name="constants">Takes the tensors that the kernel makes once; the module disposes them.</param>
/// <param name="inSteps">Rounds in training; null where nothing but parameters is trained.</param>
internal sealed class IntegerKernels(Graph graph, Node node, IReadOnlyDictionary<string, Tensor> parameters, ICollection<Tensor> constants, StepQuantizer? inSteps) : IOpVisitor<NodeKernel>
{
    private static readonly KeptScalar Half = new(0.5);
    private static readonly KeptScalar ImageSteps = new(1 / Int8Arithmetic.ImageScale);

    /// <summary>The smallest int8 value, -128.</summary>
    public static KeptScalar Low { get; } = new((long)Int8Arithmetic.Min);

    /// <summary>The largest int8 value, 127.</summary>
    public static KeptScalar High { get; } = new((long)Int8Arithmetic.Max);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The image's scale is not 1/128.</exception>
    public NodeKernel Visit(Input op) => Scale(node) == Int8Arithmetic.ImageScale
        ? new NodeKernel(static (inputs, _) => Image(inputs[0]), IsResultNeeded: true)
        : throw new ArgumentException($"Node {node.Name}: the image's scale is {Scale(node)}; it must be 1/128.");

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A scale is missing.</exception>
    public NodeKernel Visit(Conv2d conv)
    {
        var convolution = new IntegerConvolution(graph, node, conv, parameters, constants, inSteps);
        return new NodeKernel(convolution.Run, IsResultNeeded: true);
    }

    /// <inheritdoc/>
    public NodeKernel Visit(BatchNorm2d op) => throw NoArithmetic(op);

    /// <inheritdoc/>
    public NodeKernel Visit(Relu op) => throw NoArithmetic(op);

    /// <inheritdoc/>
    public NodeKernel Visit(Add op) => throw NoArithmetic(op);

    /// <inheritdoc/>
    public NodeKernel Visit(AvgPool2d op)
    {
        RequireScaleOfInputs();
        var factor = new KeptScalar((double)Int8Arithmetic.AverageFactor(op.Area));
        return new NodeKernel((inputs, mode) => RoundMean(AveragePool(op, inputs[0], factor), mode), IsResultNeeded: true);
    }

    /// <inheritdoc/>
    public NodeKernel Visit(MaxPool2d op)
    {
        RequireScaleOfInputs();
        return new NodeKernel((inputs, _) => FloatKernels.MaxPool(op, inputs[0]), IsResultNeeded: true);
    }

    /// <inheritdoc/>
    public NodeKernel Visit(Concat op)
    {
        RequireScaleOfInputs();
        return new NodeKernel(static (inputs, _) => cat(inputs, 1), IsResultNeeded: true);
    }

    /// <inheritdoc/>
    public NodeKernel Visit(Upsample op)
    {
        RequireScaleOfInputs();

        // Weights are whole numbers of a power of two and sums stay below 2^22: interpolation is exact in float32 and this the only rounding.
        return op.Mode == UpsampleMode.Nearest
            ? new NodeKernel((inputs, _) => FloatKernels.Upsample(op, inputs[0]), IsResultNeeded: true)
            : new NodeKernel((inputs, mode) => RoundMean(FloatKernels.Upsample(op, inputs[0]), mode), IsResultNeeded: true);
    }

    /// <inheritdoc/>
    public NodeKernel Visit(ArgMax op) => new(static (inputs, _) => inputs[0].argmax(1, keepdim: true), IsResultNeeded: true);

    /// <summary>The scale of a node's output.</summary>
    /// <exception cref="ArgumentException">It has none.</exception>
    public static float Scale(Node node) => node.Output.Quant?.Scale
        ?? throw new ArgumentException($"Node {node.Name} has no scale although the graph's input has one; annotate the whole graph.");

    /// <summary>Rounds half to even; the gradient passes as if nothing was rounded.</summary>
    /// <param name="x">A tensor of which the caller holds the only handle and whose values no gradient needs; it is overwritten.</param>
    /// <param name="halfUp">Round half up instead, in float64: as devices do that requantize in integers (<see cref="FixedPoint"/>).</param>
    public static Tensor Round(Tensor x, bool halfUp = false)
    {
        // Written through a detached handle of the same storage: exact, and no node in the gradient's graph.
        using Tensor values = x.detach();
        if (halfUp)
        {
            values.PlusInPlace(Half).floor_();
        }
        else
        {
            values.round_();
        }

        return x;
    }

    /// <summary>The rounded clamp(x, low, high) with a straight-through gradient.</summary>
    /// <param name="x">Overwritten where no gradient is recorded.</param>
    /// <param name="low">The lower end, an integer.</param>
    /// <param name="high">The upper end, an integer.</param>
    /// <param name="halfUp">As for <see cref="Round"/>.</param>
    public static Tensor RoundClamped(Tensor x, KeptScalar low, KeptScalar high, bool halfUp = false)
    {
        if (!x.requires_grad)
        {
            return Round(x.ClampInPlace(low, high), halfUp);
        }

        // The gradient of a clamp needs the values before it and not those after, which may therefore be rounded in place.
        using Tensor unclamped = x;
        return Round(unclamped.Clamped(low, high), halfUp);
    }

    private Tensor RoundMean(Tensor x, RunMode mode) => mode.IsTraining && inSteps is not null ? inSteps.Mean(node, x) : Round(x);

    /// <summary>The sum over each window, exact, times the factor.</summary>
    private static Tensor AveragePool(AvgPool2d op, Tensor x, KeptScalar factor)
    {
        Tensor sum = nn.functional.avg_pool2d(x, [op.Rows.Kernel, op.Columns.Kernel], [op.Rows.Stride, op.Columns.Stride], divisor_override: 1);
        return sum.TimesInPlace(factor);
    }

    private static Tensor Image(Tensor images)
    {
        using Tensor integers = images.Times(ImageSteps);
        return FloatKernels.ChannelsLast(integers);
    }

    private void RequireScaleOfInputs()
    {
        foreach (string input in node.Inputs)
        {
            if (Scale(graph[input]) != Scale(node))
            {
                throw new ArgumentException($"Node {node.Name}: {node.Op.Mnemonic} keeps the scale of {input}, {Scale(graph[input])}; it has {Scale(node)}.");
            }
        }
    }

    private ArgumentException NoArithmetic(Op op) =>
        new($"Node {node.Name}: {op.Mnemonic} has no integer arithmetic; prepare the graph (fold batch norm, fuse) before it is annotated.");
}
