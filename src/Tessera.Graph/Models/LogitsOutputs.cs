using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Graphs.Models;

/// <summary>What a training graph gives to the loss, read from its shapes.</summary>
/// <param name="Strides">For each output, how many times smaller than the input it is, in the order of the outputs.</param>
/// <param name="Classes">Number of classes: the channels of every output.</param>
public sealed record LogitsOutputs(ImmutableArray<int> Strides, int Classes)
{
    /// <summary>The place of the finest output, the first among equals: the one that is deployed and scored.</summary>
    public int Finest => Strides.IndexOf(Strides.Min());

    /// <summary>The outputs of a training graph, float or annotated.</summary>
    /// <exception cref="GraphException">An output has other channels than the first, or its size does not divide the input's.</exception>
    public static LogitsOutputs Of(Graph training)
    {
        int classes = training.ValueOf(training.Outputs[0].Value).Shape.C;
        return new LogitsOutputs([.. training.Outputs.Select(output => Stride(training, output, classes))], classes);
    }

    private static int Stride(Graph training, GraphOutput output, int classes)
    {
        TensorShape input = training.Input.Output.Shape, logits = training.ValueOf(output.Value).Shape;
        int stride = Math.Max(1, input.H / logits.H);
        return logits.C == classes && logits.H * (long)stride == input.H && logits.W * (long)stride == input.W
            ? stride
            : throw new GraphException($"Output {output.Name} of {training.Name} is {logits} for an input of {input}; logits have {classes} channels and the input's height and width, divided by one stride.");
    }
}
