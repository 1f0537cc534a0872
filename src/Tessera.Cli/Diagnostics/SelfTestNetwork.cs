using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Onnx;
using Tessera.Quantization;
using Tessera.Training;

namespace Tessera.Cli.Diagnostics;

/// <summary>The network of the self-test: the real architecture, small, with seeded random parameters; the same in every process.</summary>
internal static class SelfTestNetwork
{
    /// <summary>Rows and columns of an image: the smallest that the coarsest stride allows.</summary>
    public const int Size = 64;

    /// <summary>Number of images: one random, one whose sums are as large as they get.</summary>
    public const int ImageCount = 2;

    private const int Seed = 20;

    // Batch norm keeps the activations near variance 1, so that few lie beyond 6.
    private const float ActivationRange = 6;

    /// <summary>What the network's ONNX form says of itself.</summary>
    public static OnnxMetadata OnnxMetadata => new(CheckpointFile.ThisVersion, "qat", [.. ClassTable.Cityscapes.Classes.Select(entry => entry.Name)]);

    /// <summary>The annotated training network.</summary>
    public static Network Create()
    {
        var options = new SegmentorOptions { Backbone = new MobileNetV1Options { Alpha = 0.25 } };
        Graph graph = Segmentor.Training(options, new TensorShape(1, 3, Size, Size));
        Network prepared = QuantizationPreparation.Prepare(new Network(graph, RandomParameters(graph)));
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { ActivationObserver = ObserverKind.MinMax });
        foreach (string value in session.ObservedValues)
        {
            session.Observe(value, [-ActivationRange, ActivationRange]);
        }

        return prepared with { Graph = session.Finish(prepared.Parameters).Annotate(prepared.Graph) };
    }

    /// <summary>The images one after another, Size·Size·3 int8 values each, interleaved.</summary>
    public static sbyte[] Images()
    {
        var random = new byte[Size * Size * 3];
        new Random(Seed).NextBytes(random);
        IEnumerable<sbyte> extremes = Enumerable.Range(0, random.Length).Select(i => ((i / 3) + (i / 3 / Size) + (i % 3)) % 2 == 0 ? sbyte.MinValue : sbyte.MaxValue);
        return [.. random.Select(value => (sbyte)value), .. extremes];
    }

    /// <summary>Starting values, and batch-norm parameters as training leaves them, so that folding has something to fold.</summary>
    private static ParameterSet RandomParameters(Graph graph)
    {
        ParameterSet parameters = ParameterSet.Initialize(graph, Seed);
        var random = new Random(Seed);
        foreach (Parameter parameter in graph.Parameters)
        {
            float[] values = parameters[parameter.Name];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = parameter.Role switch
                {
                    ParameterRole.Gamma => 0.5f + random.NextSingle(),
                    ParameterRole.Beta => random.NextSingle() - 0.3f,
                    ParameterRole.RunningMean => (random.NextSingle() - 0.5f) * 0.2f,
                    ParameterRole.RunningVariance => 0.05f + (random.NextSingle() * 0.2f),
                    _ => values[i],
                };
            }
        }

        return parameters;
    }
}
