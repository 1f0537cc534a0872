using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Cli.Comparison;

/// <summary>One product of a convolution's sum, in both forms.</summary>
/// <param name="Y">Row of the input.</param>
/// <param name="X">Column of the input.</param>
/// <param name="Channel">Channel of the input.</param>
/// <param name="Weight">Which of the layer's weights it is.</param>
/// <param name="ExpectedInput">The input in the first form.</param>
/// <param name="ActualInput">The input in the second.</param>
/// <param name="ExpectedWeight">The weight in the first form.</param>
/// <param name="ActualWeight">The weight in the second.</param>
internal sealed record ConvTerm(int Y, int X, int Channel, int Weight, double ExpectedInput, double ActualInput, double ExpectedWeight, double ActualWeight);

/// <summary>A number of a convolution in both forms; null where a form has none.</summary>
internal sealed record OperandPair(double? Expected, double? Actual);

/// <summary>Everything that one element of a convolution is made of, in both forms: integers in units of their scales, or real numbers in float.</summary>
/// <param name="Terms">Input and weight of every product; what lies outside the image is 0 and not listed.</param>
/// <param name="Bias">The bias.</param>
/// <param name="Multiplier">The multiplier of the channel.</param>
/// <param name="Residual">The value that is added.</param>
internal sealed record ConvOperands(ImmutableArray<ConvTerm> Terms, OperandPair Bias, OperandPair Multiplier, OperandPair Residual)
{
    /// <summary>Collects the operands of an element.</summary>
    /// <param name="node">The convolution.</param>
    /// <param name="at">Row, column and channel of the element.</param>
    /// <param name="expected">Values and constants of the first form.</param>
    /// <param name="actual">Those of the second.</param>
    public static ConvOperands Of(Node node, (int Y, int X, int Channel) at, (IReadOnlyDictionary<string, NodeValue> Values, ConvConstants Constants) expected, (IReadOnlyDictionary<string, NodeValue> Values, ConvConstants Constants) actual)
    {
        var conv = (Conv2d)node.Op;
        (ConvAxis rows, ConvAxis columns, int groups) = conv.Geometry;
        NodeValue a = expected.Values[node.Inputs[0]], b = actual.Values[node.Inputs[0]];
        int fanIn = conv.InChannels / groups, first = at.Channel / (conv.OutChannels / groups) * fanIn;
        ImmutableArray<ConvTerm>.Builder terms = ImmutableArray.CreateBuilder<ConvTerm>(conv.FanIn);
        for (int i = 0; i < conv.FanIn; i++)
        {
            (int channel, int tap) = Math.DivRem(i, conv.Geometry.Area);
            (int ky, int kx) = Math.DivRem(tap, columns.Kernel);
            int y = rows.SourceOf(at.Y, ky), x = columns.SourceOf(at.X, kx);
            if ((uint)y < (uint)a.Height && (uint)x < (uint)a.Width)
            {
                int place = (((y * a.Width) + x) * a.Channels) + first + channel, weight = (at.Channel * conv.FanIn) + i;
                terms.Add(new ConvTerm(y, x, first + channel, weight, a.Values[place], b.Values[place], expected.Constants.Weights[weight], actual.Constants.Weights[weight]));
            }
        }

        OperandPair residual = conv.Residual ? new OperandPair(Element(expected.Values[node.Inputs[1]], at), Element(actual.Values[node.Inputs[1]], at)) : new OperandPair(null, null);
        return new ConvOperands(
            terms.ToImmutable(), new OperandPair(expected.Constants.Bias[at.Channel], actual.Constants.Bias[at.Channel]), new OperandPair(Multiplier(expected.Constants), Multiplier(actual.Constants)), residual);

        double? Multiplier(ConvConstants constants) => constants.Multipliers.Length > 0 ? constants.Multipliers[at.Channel] : null;
    }

    private static double Element(NodeValue value, (int Y, int X, int Channel) at) => value.Values[(((at.Y * value.Width) + at.X) * value.Channels) + at.Channel];
}
