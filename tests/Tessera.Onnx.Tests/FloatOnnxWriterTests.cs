using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Quantization;
using Tessera.TestKit;

namespace Tessera.Onnx.Tests;

public class FloatOnnxWriterTests
{
    // Some seventy layers of float32 (rounding 6e-8) against double: up to 1.2e-6 of the range was measured. 1e-4, the bound that all forward
    // parity of the project has, leaves room for other kernels and is still far below one int8 step (4e-3).
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData(64, 64, 1, true)]
    [InlineData(64, 128, 2, true)]
    [InlineData(128, 64, 3, false)]
    public void A_training_graph_gives_the_logits_of_all_strides(int height, int width, ulong seed, bool optimized)
    {
        Network network = RandomNetworks.Training(height, width, seed);
        Assert.Equal(["stride4", "stride8", "stride16", "stride32", "stride64"], AssertSameValues(network, seed, optimized));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_prepared_graph_keeps_its_fused_relu_and_residual(bool optimized)
    {
        Network prepared = QuantizationPreparation.Prepare(RandomNetworks.Training(64, 128, 4));
        Assert.Contains(prepared.Graph.Nodes, node => node.Op is Conv2d { Activation.IsRelu: true, Residual: true });
        AssertSameValues(prepared, 4, optimized);
    }

    [Fact]
    public void A_batch_is_written_as_the_graph_has_it()
    {
        Network network = RandomNetworks.Training(64, 64, 5, batch: 2);
        double[] images = [.. RandomNetworks.Normalized(RandomNetworks.Image(64, 64, 1)), .. RandomNetworks.Normalized(RandomNetworks.Image(64, 64, 2))];
        using var model = new OrtModel(stream => FloatOnnxWriter.Write(network, Calibrated.Metadata, stream));
        Assert.Equal([2, 3, 64, 64], model.Inputs["img"].Dimensions);
        Assert.Equal([2, 19, 16, 16], model.Outputs["stride4"].Dimensions);
        AssertClose(network, FloatEvaluator.Run(network, images), model.Run<float>([.. images.Select(x => (float)x)]));
    }

    [Fact]
    public void A_deploy_graph_gives_a_class_map_of_one_byte_per_pixel()
    {
        Network training = RandomNetworks.Training(64, 128, 6);
        var deploy = new Network(DeployGraph.Of(training.Graph), training.Parameters);
        double[] image = RandomNetworks.Normalized(RandomNetworks.Image(64, 128, 6));
        using var model = new OrtModel(stream => FloatOnnxWriter.Write(deploy, Calibrated.Metadata, stream));
        float[] classes = model.Run<float>([.. image.Select(x => (float)x)])[DeployGraph.ClassMap];
        Assert.Equal(typeof(byte), model.Outputs[DeployGraph.ClassMap].ElementType);
        Assert.Equal([1, 1, 16, 32], model.Outputs[DeployGraph.ClassMap].Dimensions);

        // The class that was chosen must be the largest logit up to the tolerance; float rounding may decide between near equals.
        double[] logits = FloatEvaluator.Run(deploy, image)[deploy.Graph[DeployGraph.ArgMaxNode].Inputs[0]];
        double allowed = Tolerance * (logits.Max() - logits.Min());
        for (int pixel = 0; pixel < classes.Length; pixel++)
        {
            double largest = Enumerable.Range(0, 19).Max(c => logits[(c * classes.Length) + pixel]);
            Assert.InRange(logits[((int)classes[pixel] * classes.Length) + pixel], largest - allowed, largest);
        }
    }

    [Fact]
    public void The_argmax_takes_the_smallest_index_among_equals()
    {
        var builder = new GraphBuilder("equals");
        builder.Output("class_map", builder.Node("argmax", new ArgMax(), builder.Input("img", new TensorShape(1, 3, 1, 4))));
        using var model = new OrtModel(stream => FloatOnnxWriter.Write(new Network(builder.Build(), []), Calibrated.Metadata, stream));
        Assert.Equal([0, 1, 0, 2], model.Run<float>([1, 0, 2, -3, 1, 5, 1, -3, 1, 5, 2, -1])["class_map"]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(5, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 7)]
    public void The_upsample_is_exact_up_to_the_clamped_edges(int height, int width)
    {
        var builder = new GraphBuilder("upsample");
        builder.Output("large", builder.Node("upsample", Upsample.Bilinear(2), builder.Input("img", new TensorShape(1, 3, height, width))));
        var network = new Network(builder.Build(), []);
        double[] image = RandomNetworks.Normalized(RandomNetworks.Image(height, width, 9));
        using var model = new OrtModel(stream => FloatOnnxWriter.Write(network, Calibrated.Metadata, stream));

        // Bytes / 128 times sixteenths: float32 holds every product and sum, so there is nothing to tolerate.
        Assert.Equal(FloatEvaluator.Run(network, image)["upsample"], model.Run<float>([.. image.Select(x => (float)x)])["large"].Select(x => (double)x));
    }

    [Fact]
    public void An_annotated_network_is_refused()
    {
        Network annotated = Calibrated.Training(64, 64, 1);
        ArgumentException fault = Assert.Throws<ArgumentException>(() => FloatOnnxWriter.Write(annotated, Calibrated.Metadata, new MemoryStream()));
        Assert.Contains("QdqOnnxWriter", fault.Message);
    }

    private static IEnumerable<string> AssertSameValues(Network network, ulong seed, bool optimized)
    {
        TensorShape shape = network.Graph.Input.Output.Shape;
        double[] image = RandomNetworks.Normalized(RandomNetworks.Image(shape.H, shape.W, (int)seed));
        using var model = new OrtModel(stream => FloatOnnxWriter.Write(network, Calibrated.Metadata, stream), optimized);
        Dictionary<string, float[]> actual = model.Run<float>([.. image.Select(x => (float)x)]);
        AssertClose(network, FloatEvaluator.Run(network, image), actual);
        return actual.Keys;
    }

    private static void AssertClose(Network network, Dictionary<string, double[]> expected, Dictionary<string, float[]> actual)
    {
        foreach (GraphOutput output in network.Graph.Outputs)
        {
            double[] reference = expected[output.Value];
            double range = reference.Max() - reference.Min();
            double largest = reference.Zip(actual[output.Name], (a, b) => Math.Abs(a - b)).Max();
            Assert.Equal(reference.Length, actual[output.Name].Length);
            Assert.True(largest <= Tolerance * range, $"{output.Name}: a difference of {largest} in a range of {range}");
        }
    }
}
