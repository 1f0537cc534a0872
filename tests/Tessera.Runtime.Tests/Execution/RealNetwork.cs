using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Imaging;
using Tessera.Programs;
using Tessera.Quantization;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests.Execution;

/// <summary>UNet-MobileNetV1-0.25 with random parameters, quantized and lowered: the program that the kernels were made for.</summary>
internal static class RealNetwork
{
    // Batch norm keeps the activations near variance 1, so that few lie beyond 6.
    private const float ActivationRange = 6;

    /// <summary>The deploy form: one class map out.</summary>
    public static IntegerProgram Deploy(int height, int width)
    {
        Network prepared = QuantizationPreparation.Prepare(RandomNetworks.Training(height, width, seed: 11));
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { ActivationObserver = ObserverKind.MinMax });
        foreach (string value in session.ObservedValues)
        {
            session.Observe(value, [-ActivationRange, ActivationRange]);
        }

        Graph annotated = session.Finish(prepared.Parameters).Annotate(prepared.Graph);
        return Lowering.Lower(new Network(DeployGraph.Of(annotated), prepared.Parameters));
    }

    /// <summary>The same with the logits as a second output.</summary>
    public static IntegerProgram Program(int height, int width) => WithLogits(Deploy(height, width));

    public static IntegerProgram WithLogits(IntegerProgram deploy) =>
        new(deploy.Name, deploy.Tensors, deploy.Instructions, [.. deploy.Outputs, new IntegerOutput("logits", deploy.Instructions.OfType<ArgMaxInstruction>().Single().Input)]);

    /// <summary>A generated image with areas of one colour, smooth ones and noise, as streets have them.</summary>
    public static sbyte[] Image(int height, int width)
    {
        var random = new Random(13);
        var image = new sbyte[height * width * 3];
        for (int i = 0; i < image.Length; i++)
        {
            (int y, int x) = Math.DivRem(i / 3, width);
            image[i] = (sbyte)((x * 3 / width) switch { 0 => -128 + (i % 3 * 127), 1 => (y * 255 / height) - 128, _ => random.Next(-128, 128) });
        }

        return image;
    }

    /// <summary>A real image, resized to the network's input.</summary>
    public static sbyte[] Image(string file, int height, int width)
    {
        Data.RgbImage image = Data.ImageFile.ReadRgb(file);
        return Data.ImagePreparation.Prepare(image.Pixels, image.Height, image.Width, height, width, YuvSwing.Full);
    }
}
