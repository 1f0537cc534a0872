using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization;

namespace Tessera.EndToEnd.Tests;

/// <summary>
/// Annotates a prepared network as no calibration would: activations at scales from 1e-6 to 1e3, multipliers from those that let nothing but 0 through to those that saturate everything, weights and
/// biases at the ends of what float32 accumulators hold. Most channels keep a useful range, so that deeper layers see values at all.
/// </summary>
public static class ExtremeScales
{
    private const double LeastScale = 1e-6, MostScale = 1e3;

    /// <summary>The network with other weights, biases and scales.</summary>
    public static Network Annotate(Network prepared, int seed, Requantization form = Requantization.Float32)
    {
        var random = new Random(seed);
        IReadOnlyDictionary<string, float> scales = ActivationScales(prepared, random, form);
        Graph annotated = new ScaleTable(scales, prepared.Graph.Nodes.Where(node => node.Op is Conv2d).ToDictionary(node => node.Name, node => new QuantParams([.. Enumerable.Repeat(1f, ((Conv2d)node.Op).OutChannels)])))
            .Annotate(prepared.Graph); // tells the scale of what every convolution reads
        ParameterSet parameters = [];
        var weightScales = new Dictionary<string, QuantParams>();
        foreach (Node node in annotated.Nodes)
        {
            if (node.Op is Conv2d conv)
            {
                Fill(annotated, node, conv, (random, form), parameters, weightScales);
            }
        }

        return new Network(new ScaleTable(scales, weightScales, form).Annotate(prepared.Graph), parameters);
    }

    /// <summary>Near one random scale for the whole network, and now and then anywhere; what shares a scale shares it.</summary>
    private static IReadOnlyDictionary<string, float> ActivationScales(Network prepared, Random random, Requantization form)
    {
        double middle = Logarithmic(random, LeastScale, MostScale);
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { ActivationObserver = ObserverKind.MinMax, Requantization = form });
        foreach (string value in session.ObservedValues)
        {
            // Integers hold no residual that is more than 128 times as coarse as the sum.
            double scale = random.Next(8) == 0 && !form.IsFixedPoint ? Logarithmic(random, LeastScale, MostScale) : Math.Clamp(middle * Logarithmic(random, 1 / 8.0, 8), LeastScale, MostScale);
            session.Observe(value, [(float)(-127.5 * scale), (float)(127.5 * scale)]);
        }

        return session.Finish(prepared.Parameters).Activations;
    }

    private static void Fill(Graph annotated, Node node, Conv2d conv, (Random Random, Requantization Form) draw, ParameterSet parameters, Dictionary<string, QuantParams> weightScales)
    {
        (Random random, Requantization form) = draw;
        float input = annotated.ValueOf(node.Inputs[0]).Quant!.Scale, output = node.Output.Quant!.Scale;
        int fanIn = conv.FanIn;
        float[] weights = new float[conv.OutChannels * fanIn], biases = new float[conv.OutChannels];
        ImmutableArray<float>.Builder scales = ImmutableArray.CreateBuilder<float>(conv.OutChannels);
        for (int channel = 0; channel < conv.OutChannels; channel++)
        {
            double useful = 1 / (40 * Math.Sqrt(fanIn)); // accumulators of random values are then some 100 steps of the output
            double multiplier = random.Next(8) switch { 0 => Logarithmic(random, 1, 1e6), 1 => Logarithmic(random, 1e-9, 1e-4), _ => Logarithmic(random, useful / 8, useful * 2) };
            float scale = form.Scale((float)(Math.Min(multiplier, form.LargestMultiplier / 4) * output / input));
            scales.Add(scale);
            var quantized = new sbyte[fanIn];
            int kind = random.Next(5);
            for (int i = 0; i < fanIn; i++)
            {
                // Whole steps, ties between two of them, and values far outside of the range, which are clamped.
                double steps = kind switch { 0 => random.Next(2) == 0 ? -1e4 : 1e4, 1 => random.Next(2) == 0 ? 0 : random.Next(-3, 4) * 0.5, _ => random.Next(-129, 129) + (0.5 * random.Next(2)) };
                weights[(channel * fanIn) + i] = (float)(steps * scale);
                quantized[i] = Int8Arithmetic.QuantizeWeight(weights[(channel * fanIn) + i], scale);
            }

            double room = Int8Arithmetic.AccumulatorLimit - 4 - Int8Arithmetic.AccumulatorBound(quantized, 0);
            double bias = random.Next(4) switch { 0 => 0, 1 => random.Next(2) == 0 ? -room : room, _ => room * Math.Pow(random.NextDouble() - 0.5, 3) };
            biases[channel] = (float)(bias * input * scale);
        }

        parameters[Conv2d.WeightName(node.Name)] = weights;
        parameters[Conv2d.BiasName(node.Name)] = biases;
        weightScales[node.Name] = new QuantParams(scales.ToImmutable());
    }

    private static double Logarithmic(Random random, double from, double to) => from * Math.Pow(to / from, random.NextDouble());
}
