using Tessera.Core;
using Tessera.Graphs;
using Tessera.Programs;
using Tessera.TestKit;

namespace Tessera.Quantization.Tests.Rescue;

/// <summary>Calibration and its error, without libtorch: on images of random pixels, all values by plain loops.</summary>
internal static class CalibratedByHand
{
    /// <summary>A session that has seen images.</summary>
    public static CalibrationSession Session(Network prepared, int images = 4, CalibrationOptions? options = null)
    {
        var session = new CalibrationSession(prepared.Graph, options ?? new CalibrationOptions { ActivationObserver = ObserverKind.Widest });
        Show(session, prepared, images);
        return session;
    }

    /// <summary>Shows images to a session.</summary>
    public static void Show(CalibrationSession session, Network prepared, int images)
    {
        for (int seed = 0; seed < images; seed++)
        {
            Dictionary<string, double[]> values = Float(prepared, seed);
            foreach (string name in session.ObservedValues)
            {
                session.Observe(name, [.. values[name].Select(x => (float)x)]);
            }
        }
    }

    /// <summary>The float values of an image.</summary>
    public static Dictionary<string, double[]> Float(Network network, int seed)
    {
        TensorShape shape = network.Graph.Input.Output.Shape;
        return FloatEvaluator.Run(network, RandomNetworks.Normalized(RandomNetworks.Image(shape.H, shape.W, seed)));
    }

    /// <summary>The annotated network of a session.</summary>
    public static Network Annotated(Network prepared, CalibrationSession session) => new(session.Finish(prepared.Parameters).Annotate(prepared.Graph), prepared.Parameters);

    /// <summary>Mean and root mean square of what the lowered network's first output is off, in real units, over images that calibration has not seen.</summary>
    /// <param name="annotated">What is measured.</param>
    /// <param name="truth">The float network.</param>
    public static (double Mean, double Rms) Error(Network annotated, Network truth)
    {
        IntegerProgram program = Lowering.Lower(annotated);
        (double sum, double squares, int count) = (0, 0, 0);
        for (int seed = 100; seed < 104; seed++)
        {
            double[] expected = Float(truth, seed)[truth.Graph.Outputs[0].Value];
            ProgramOutput output = new ReferenceExecutor(program).Run(RandomNetworks.Image(program.Input.Height, program.Input.Width, seed)).All[0];
            int channels = output.Tensor.Channels, pixels = expected.Length / channels;
            for (int i = 0; i < expected.Length; i++)
            {
                double error = (output.Logits[(i % pixels * channels) + (i / pixels)] * (double)output.Tensor.Scale) - expected[i];
                (sum, squares, count) = (sum + error, squares + (error * error), count + 1);
            }
        }

        return (sum / count, Math.Sqrt(squares / count));
    }
}
