using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Programs;

namespace Tessera.Quantization;

/// <summary>The instruction of one node.</summary>
/// <param name="network">A prepared network with a scale on every activation and weight.</param>
/// <param name="node">The node.</param>
/// <param name="index">Tensor indices by node name.</param>
internal sealed class NodeLowering(Network network, Node node, IReadOnlyDictionary<string, int> index) : IOpVisitor<IntegerInstruction>
{
    private int Output => index[node.Name];

    /// <inheritdoc/>
    public IntegerInstruction Visit(Input op) => throw new ArgumentException($"Node {node.Name} is the image, which no instruction makes.", nameof(op));

    /// <inheritdoc/>
    public IntegerInstruction Visit(Conv2d conv)
    {
        QuantizedConvolution quantized = QuantizedConvolution.Of(network, node, conv);
        return new ConvInstruction(node.Name, Input(0), conv.Residual ? Input(1) : null, Output)
        {
            Geometry = conv.Geometry,
            Low = Int8Arithmetic.Low(conv.Activation),
            High = Int8Arithmetic.High(conv.Activation, QuantizedConvolution.ScaleOf(node.Output)),
            Requantization = node.Requantization,
            Weights = ImmutableCollectionsMarshal.AsImmutableArray(quantized.Weights),
            Bias = ImmutableCollectionsMarshal.AsImmutableArray(quantized.Bias),
            Multipliers = ImmutableCollectionsMarshal.AsImmutableArray(quantized.Multipliers),
            ResidualMultiplier = quantized.ResidualMultiplier,
        };
    }

    /// <inheritdoc/>
    public IntegerInstruction Visit(BatchNorm2d op) => throw NoIntegerForm(op);

    /// <inheritdoc/>
    public IntegerInstruction Visit(Relu op) => throw NoIntegerForm(op);

    /// <inheritdoc/>
    public IntegerInstruction Visit(Add op) => throw NoIntegerForm(op);

    /// <inheritdoc/>
    public IntegerInstruction Visit(AvgPool2d op) => new AveragePoolInstruction(node.Name, Input(0), Output) { Rows = op.Rows, Columns = op.Columns };

    /// <inheritdoc/>
    public IntegerInstruction Visit(MaxPool2d op) => new MaxPoolInstruction(node.Name, Input(0), Output) { Rows = op.Rows, Columns = op.Columns };

    /// <inheritdoc/>
    public IntegerInstruction Visit(Concat op) => new ConcatInstruction(node.Name, [.. node.Inputs.Select(input => index[input])], Output);

    /// <inheritdoc/>
    public IntegerInstruction Visit(Upsample op) => new UpsampleInstruction(node.Name, Input(0), Output) { RowFactor = op.RowFactor, ColumnFactor = op.ColumnFactor, Mode = op.Mode };

    /// <inheritdoc/>
    public IntegerInstruction Visit(ArgMax op) => new ArgMaxInstruction(node.Name, Input(0), Output);

    private int Input(int position) => index[node.Inputs[position]];

    private WorkException NoIntegerForm(Op op) =>
        new($"Node {node.Name} ({op.Mnemonic}) has no integer form. Prepare and calibrate the network before lowering it.");
}
