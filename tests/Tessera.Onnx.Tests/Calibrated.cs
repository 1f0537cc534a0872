using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Programs;
using Tessera.Quantization;
using Tessera.TestKit;

namespace Tessera.Onnx.Tests;

/// <summary>Networks with scales, as the calibration stage would leave them.</summary>
internal static class Calibrated
{
    public static OnnxMetadata Metadata { get; } = new("1.2.3", "qat", [.. ClassTable.Cityscapes.Classes.Select(entry => entry.Name)]);

    /// <summary>The real architecture with random parameters, calibrated on one random image.</summary>
    public static Network Training(int height, int width, ulong seed)
    {
        Network annotated = Annotate(QuantizationPreparation.Prepare(RandomNetworks.Training(64, 64, seed)), (int)seed);
        return annotated with { Graph = annotated.Graph.WithInputShape(new TensorShape(1, 3, height, width)) };
    }

    /// <summary>Scales from one random image.</summary>
    public static Network Annotate(Network prepared, int seed)
    {
        TensorShape shape = prepared.Graph.Input.Output.Shape;
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions());
        double[] image = RandomNetworks.Normalized(RandomNetworks.Image(shape.H, shape.W, seed));
        foreach ((string value, double[] values) in FloatEvaluator.Run(prepared, image))
        {
            if (session.ObservedValues.Contains(value))
            {
                session.Observe(value, [.. values.Select(x => (float)x)]);
            }
        }

        return prepared with { Graph = session.Finish(prepared.Parameters).Annotate(prepared.Graph) };
    }

    /// <summary>Random images and the ones whose sums are the largest possible.</summary>
    public static IEnumerable<sbyte[]> Images(IntegerTensor input, int seed)
    {
        var random = new byte[input.Count];
        new Random(seed).NextBytes(random);
        yield return (sbyte[])(object)random;
        yield return [.. Enumerable.Repeat(sbyte.MinValue, input.Count)];
        yield return [.. Enumerable.Repeat(sbyte.MaxValue, input.Count)];
        yield return [.. Enumerable.Range(0, input.Count).Select(i => ((i / input.Channels / 3) + (i % input.Channels)) % 2 == 0 ? sbyte.MinValue : sbyte.MaxValue)];
    }
}
