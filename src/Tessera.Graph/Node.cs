using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>A tensor that flows through the graph; it bears the name of the node that produces it.</summary>
/// <param name="Name">The producing node's name.</param>
/// <param name="Shape">N×C×H×W.</param>
/// <param name="Quant">Its int8 quantization, one scale, once the graph is annotated.</param>
public sealed record Value(string Name, TensorShape Shape, QuantParams? Quant = null);

/// <summary>One operation of a graph with exactly one output.</summary>
/// <param name="Op">What it computes.</param>
/// <param name="Inputs">The names of the values that it reads.</param>
/// <param name="Output">The value that it produces.</param>
/// <param name="WeightQuant">The weight's quantization, one scale per output channel, once the graph is annotated.</param>
/// <param name="Requantization">How an annotated convolution's sums become int8.</param>
public sealed record Node(Op Op, ImmutableArray<string> Inputs, Value Output, QuantParams? WeightQuant = null, Requantization Requantization = Requantization.Float32)
{
    /// <summary>The node's stable path, the same in parameters, checkpoints, ONNX and reports.</summary>
    public string Name => Output.Name;

    /// <summary>The parameters that this node owns.</summary>
    public ImmutableArray<Parameter> Parameters => Op.ParametersOf(Name);
}

/// <summary>A value that the graph gives to its caller.</summary>
/// <param name="Name">The output's name (for example <c>stride4</c>).</param>
/// <param name="Value">The name of the value.</param>
public sealed record GraphOutput(string Name, string Value);
