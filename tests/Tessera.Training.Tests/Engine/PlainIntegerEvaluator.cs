using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Training.Tests.Engine;

/// <summary>Evaluates an annotated graph by plain loops with 64-bit accumulators, planes C×H×W of one image; independent of libtorch.</summary>
internal static class PlainIntegerEvaluator
{
    public static Dictionary<string, sbyte[]> Evaluate(Network network, sbyte[] image)
    {
        var values = new Dictionary<string, sbyte[]>();
        foreach (Node node in network.Graph.Nodes)
        {
            values[node.Name] = node.Op switch
            {
                Input => image,
                Conv2d conv => Convolve(network, node, conv, values),
                Graphs.Upsample => Upsample(network.Graph.ValueOf(node.Inputs[0]).Shape, values[node.Inputs[0]]),
                _ => throw new ArgumentException($"No plain form of {node.Op.Mnemonic}."),
            };
        }

        return values;
    }

    private static sbyte[] Convolve(Network network, Node node, Conv2d conv, Dictionary<string, sbyte[]> values)
    {
        float sx = Scale(node.Inputs[0]), sy = Scale(node.Name);
        float[] realWeight = network.Parameters[Conv2d.WeightName(node.Name)], realBias = network.Parameters[Conv2d.BiasName(node.Name)];
        sbyte[] weight = [.. realWeight.Select((w, i) => Int8Arithmetic.QuantizeWeight(w, WeightScale(i / conv.FanIn)))];
        long[] bias = [.. realBias.Select((b, o) => (long)Int8Arithmetic.QuantizeBias(b, sx, WeightScale(o)))];
        sbyte[] x = values[node.Inputs[0]];
        sbyte[]? residual = conv.Residual ? values[node.Inputs[1]] : null;
        float r = conv.Residual ? Int8Arithmetic.ResidualMultiplier(Scale(node.Inputs[1]), sy) : 0;
        TensorShape to = node.Output.Shape;
        var y = new sbyte[to.C * to.H * to.W];
        int low = conv.Activation.IsRelu ? 0 : Int8Arithmetic.Min;
        double high = Math.Min(127, conv.Activation.High is { } end ? Math.Round(end / sy, MidpointRounding.ToEven) : 127);
        PlainLoops.Convolve(conv, network.Graph.ValueOf(node.Inputs[0]).Shape, to, (output, o, inputs) =>
        {
            long sum = bias[o];
            foreach ((int at, int tap) in inputs)
            {
                sum += x[at] * weight[tap];
            }

            Assert.InRange(Math.Abs(sum), 0, Int8Arithmetic.AccumulatorLimit - 1);
            float m = Int8Arithmetic.Multiplier(sx, WeightScale(o), sy);
            sbyte value = residual is null
                ? Int8Arithmetic.Requantize((int)sum, m, low)
                : Int8Arithmetic.Requantize((int)sum, m, residual[output], r, low);
            y[output] = (sbyte)Math.Min(value, high);
        });
        return y;

        float Scale(string value) => network.Graph.ValueOf(value).Quant!.Scale;
        float WeightScale(int channel) => node.WeightQuant!.Scales[channel];
    }

    private static sbyte[] Upsample(TensorShape from, sbyte[] x)
    {
        var y = new sbyte[4 * x.Length];
        PlainLoops.Upsample(from, (output, a, b, c, d) => y[output] = Int8Arithmetic.Upsample(x[a], x[b], x[c], x[d]));
        return y;
    }
}
