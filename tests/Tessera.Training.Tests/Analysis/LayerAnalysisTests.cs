using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Quantization;
using Tessera.TestKit;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Analysis;

/// <summary>The analysis against plain arithmetic, pixel by pixel, on a network of two 1×1 convolutions whose numbers float32 holds exactly.</summary>
public class LayerAnalysisTests
{
    private const int Side = 8, Pixels = Side * Side, Images = 3;
    private const float HiddenScale = 1 / 32f, LogitScale = 1 / 16f, WeightScale = 1 / 32f;

    private static readonly string[] Classes = ["a", "b", "c"];

    [Fact]
    public void Each_layer_alone_costs_what_plain_arithmetic_says()
    {
        Network network = Network();
        using var analysis = new LayerAnalysis(network, Classes, EvalSize.Input);
        SegmentationBatch batch = Batch();
        analysis.Take(batch);
        AnalysisResult result = analysis.Result();

        Assert.Equal((Images, (long)Images * Pixels), (result.Images, result.MapPixels));
        Assert.Equal(["hidden", "logits"], result.Layers.Select(layer => layer.Name));
        byte[] real = Maps(network, hidden: false, logits: false);
        Check(result.Float, real);
        Check(result.Layers[0].Metrics, Maps(network, hidden: true, logits: false));
        Check(result.Layers[1].Metrics, Maps(network, hidden: false, logits: true));
        Check(result.Quantized, Maps(network, hidden: true, logits: true));
        Assert.Equal(Differences(real, Maps(network, hidden: true, logits: false)), result.Layers[0].FlippedPixels);
        Assert.Equal(Differences(real, Maps(network, hidden: false, logits: true)), result.Layers[1].FlippedPixels);
        Assert.Equal(Differences(real, Maps(network, hidden: true, logits: true)), result.FlippedPixels);
        Assert.All(result.Layers, layer => Assert.True(layer.FlippedPixels > 0)); // else nothing was tried
        AssertFlips(real, Maps(network, hidden: true, logits: true), result.Flips);
        Assert.Equal(result.Layers.MaxBy(result.Lost)!.Name, result.Ranked[0].Name);
        Assert.Equal(result.Float.MeanIoU - result.Layers[0].Metrics.MeanIoU, result.Lost(result.Layers[0]));

        void Check(MetricTable measured, byte[] maps)
        {
            var expected = new ConfusionMatrix(Classes.Length);
            expected.Add(maps, batch.Labels);
            Assert.Equal(expected.ToTable(Classes).Classes.ToArray(), measured.Classes.ToArray());
        }
    }

    [Fact]
    public void The_first_layer_has_the_same_error_alone_as_in_the_quantized_network_and_the_next_less()
    {
        using var analysis = new LayerAnalysis(Network(), Classes, EvalSize.Input);
        analysis.Take(Batch());
        AnalysisResult result = analysis.Result();
        Assert.Equal(result.Layers[0].Alone.Total.Sqnr, result.Layers[0].Accumulated.Sqnr, 1e-6);
        Assert.True(result.Layers[1].Alone.Total.Sqnr > result.Layers[1].Accumulated.Sqnr);
    }

    [Fact]
    public void Halves_hold_the_images_at_even_and_at_odd_places()
    {
        using var all = new LayerAnalysis(Network(), Classes, EvalSize.Input);
        all.Take(Batch());
        AnalysisResult result = all.Result();
        byte[] labels = Batch().Labels, real = Maps(Network(), hidden: false, logits: false), changed = Maps(Network(), hidden: true, logits: false);
        var odd = new ConfusionMatrix(Classes.Length);
        odd.Add(changed.AsSpan(Pixels, Pixels), labels.AsSpan(Pixels, Pixels)); // the second of three images
        Assert.Equal(odd.ToTable(Classes).Classes.ToArray(), result.Layers[0].Halves[1].Classes.ToArray());
        Assert.Equal(Differences(real[Pixels..(2 * Pixels)], changed[Pixels..(2 * Pixels)]), result.Layers[0].FlippedHalves[1]);
        Assert.Equal(result.Float.PixelCount, result.FloatHalves[0].PixelCount + result.FloatHalves[1].PixelCount);

        using var one = new LayerAnalysis(Network(), Classes, EvalSize.Input);
        SegmentationBatch batch = Batch();
        one.Take(new SegmentationBatch(Side, Side, batch.Images[..(Pixels * 3)], batch.Labels[..Pixels], new Dictionary<int, byte[]>(), [batch.Samples[0]]));
        Assert.True(double.IsNaN(one.Result().HalvesAgree));
    }

    [Fact]
    public void Pooling_and_upsampling_are_charged_with_their_own_rounding_alone()
    {
        Graph graph = GraphParser.Parse(
            """
            graph moved
            %img = input() : 1x3x8x8
            %a = conv2d(%img) in=3 out=3 kernel=1 stride=1 padding=0 groups=1 : 1x3x8x8
            %pool = avg_pool2d(%a) kernel=2 stride=2 padding=0 : 1x3x4x4
            %up = upsample(%pool) factor=2 : 1x3x8x8
            %map = argmax(%up) : 1x1x8x8
            output class_map = %map

            """);
        ParameterSet parameters = ParameterSet.Initialize(graph, seed: 1);
        parameters["a.weight"] = [64, 0, 0, 0, 64, 0, 0, 0, 64];
        parameters["a.bias"] = [0, 0, 0];
        var scales = new ScaleTable(new Dictionary<string, float> { ["a"] = 1 / 8f }, new Dictionary<string, QuantParams> { ["a"] = new([1, 1, 1]) });
        using var analysis = new LayerAnalysis(new Network(scales.Annotate(graph), parameters), Classes, EvalSize.Input);
        analysis.Take(Batch());
        AnalysisResult result = analysis.Result();
        Assert.Equal(["a", "pool", "up"], result.Layers.Select(layer => layer.Name));

        // ±64 do not fit into ±16: the convolution clips. What is pooled afterwards fits, and is off by half a step at most.
        Assert.True(result.Layers[0].Alone.ClipShare > 0.99);
        Assert.All(result.Layers.Skip(1), layer => Assert.Equal((0, 1), (layer.Alone.ClipShare, layer.Alone.RoundingShare)));
        Assert.All(result.Layers.Skip(1), layer => Assert.InRange(Math.Sqrt(layer.Alone.Total.Error / (Images * 3 * layer.Alone.Node.Output.Shape.Pixels)), 1e-4, 1 / 16.0));
        Assert.All(result.Layers.Skip(1), layer => Assert.True(layer.FlippedPixels < result.Layers[0].FlippedPixels));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public void Running_on_from_a_node_gives_what_running_everything_gives(int seed)
    {
        Network network = MixedGraphs.Network(seed);
        Network prepared = QuantizationPreparation.Prepare(network with { Graph = network.Graph.KeepOutputs("logits") });
        TensorShape shape = prepared.Graph.Input.Output.Shape;
        using var module = new GraphModule(prepared.Graph, prepared.Parameters);
        module.eval();
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        Tensor image = BatchTensors.Images(RandomNetworks.Image(shape.H, shape.W, seed), 1, shape.H, shape.W), other = BatchTensors.Images(RandomNetworks.Image(shape.H, shape.W, seed + 1), 1, shape.H, shape.W);
        Tensor[] values = module.Kernels.RunKeeping(image), others = module.Kernels.RunKeeping(other), before = [.. values.Select(value => value.clone())];

        // From the image on everything is run again; from the last node on nothing is.
        Assert.True(module.Kernels.RunAfter(0, others[0], values).allclose(others[^1]));
        Assert.True(module.Kernels.RunAfter(values.Length - 1, others[^1], values).equal(others[^1]).all().item<bool>());
        for (int i = 0; i < values.Length; i++)
        {
            Assert.True(module.Kernels.RunAfter(i, values[i], values).allclose(values[^1]));
        }

        Assert.All(values.Zip(before), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>())); // they stayed as they were
    }

    [Fact]
    public void A_network_whose_numbers_overflow_is_named_by_its_first_node()
    {
        Network network = Network();
        network.Parameters["hidden.weight"][0] = 3e38f;
        network.Parameters["hidden.weight"][1] = 3e38f;
        network.Parameters["hidden.bias"][0] = 3e38f;
        Graph coarse = network.Graph.Rewrite((node, _) => node.Name == "hidden" ? node with { WeightQuant = new QuantParams([.. Enumerable.Repeat(1e37f, 4)]) } : node);
        using var analysis = new LayerAnalysis(network with { Graph = coarse }, Classes, EvalSize.Input);
        Assert.Contains("node hidden is NaN or infinite", Assert.Throws<WorkException>(() => analysis.Take(Batch(bright: true))).Message);
    }

    [Fact]
    public void Images_without_a_labelled_pixel_are_refused()
    {
        using var analysis = new LayerAnalysis(Network(), Classes, EvalSize.Input);
        SegmentationBatch batch = Batch();
        Array.Fill(batch.Labels, ClassTable.Ignore);
        analysis.Take(batch);
        Assert.Contains("None of the 3 images has a labelled pixel", Assert.Throws<BadFileException>(analysis.Result).Message);
    }

    [Theory]
    [InlineData(8, 8, 32, 32)]
    [InlineData(5, 7, 23, 31)]
    [InlineData(6, 9, 4, 5)] // the label is the smaller one
    public void A_map_that_changes_counts_as_it_would_anew(int height, int width, int labelHeight, int labelWidth)
    {
        var random = new Random(height);
        byte[] map = Draw(height * width, 3), other = [.. map.Select(value => random.Next(4) == 0 ? (byte)random.Next(3) : value)], label = [.. Draw(labelHeight * labelWidth, 4).Select(value => value == 3 ? ClassTable.Ignore : value)];
        var batch = new SegmentationBatch(height, width, new sbyte[height * width * 3], new byte[height * width], new Dictionary<int, byte[]>(), [new SampleInfo("x", 0, labelHeight, labelWidth, label)]);
        var changes = new ConfusionMatrix(3);
        Assert.Equal(Differences(map, other), new LabelledMap(map, height, width, batch, 0, EvalSize.Original).Compare(other, changes));
        ValidationRule.Score(changes, map, height, width, label, labelHeight, labelWidth);
        var anew = new ConfusionMatrix(3);
        ValidationRule.Score(anew, other, height, width, label, labelHeight, labelWidth);
        Assert.Equal(anew.ToTable(Classes).Classes.ToArray(), changes.ToTable(Classes).Classes.ToArray());

        byte[] Draw(int count, int values) => [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(values))];
    }

    private static void AssertFlips(byte[] before, byte[] after, IReadOnlyList<ClassFlip> flips)
    {
        Dictionary<(string, string), long> expected = before.Zip(after).Where(pair => pair.First != pair.Second).CountBy(pair => (Classes[pair.First], Classes[pair.Second])).ToDictionary(item => item.Key, item => (long)item.Value);
        Assert.Equal(expected, flips.ToDictionary(flip => (flip.From, flip.To), flip => flip.Pixels));
        Assert.Equal(flips.Select(flip => flip.Pixels).OrderDescending(), flips.Select(flip => flip.Pixels));
    }

    private static int Differences(byte[] a, byte[] b) => a.Zip(b).Count(pair => pair.First != pair.Second);

    private static Network Network()
    {
        Graph graph = GraphParser.Parse(
            """
            graph two
            %img = input() : 1x3x8x8
            %hidden = conv2d(%img) in=3 out=4 kernel=1 stride=1 padding=0 groups=1 relu=true : 1x4x8x8
            %logits = conv2d(%hidden) in=4 out=3 kernel=1 stride=1 padding=0 groups=1 : 1x3x8x8
            %map = argmax(%logits) : 1x1x8x8
            output class_map = %map

            """);
        var random = new Random(2);
        ParameterSet parameters = ParameterSet.Initialize(graph, seed: 1);
        foreach (Parameter parameter in graph.Parameters)
        {
            // Each channel mainly reads the one before it, so that every class wins somewhere; 64ths lie between the 32nds of the weights' scale.
            int columns = parameter.Role == ParameterRole.Weight ? parameter.Shape[1] : 0;
            parameters[parameter.Name] = [.. Enumerable.Range(0, parameter.Count).Select(i => (random.Next(-15, 16) + (columns > 0 && i / columns == i % columns ? 64 : 0)) / 64f)];
        }

        var scales = new ScaleTable(
            new Dictionary<string, float> { ["hidden"] = HiddenScale, ["logits"] = LogitScale },
            new Dictionary<string, QuantParams> { ["hidden"] = new([.. Enumerable.Repeat(WeightScale, 4)]), ["logits"] = new([.. Enumerable.Repeat(WeightScale, 3)]) });
        return new Network(scales.Annotate(graph), parameters);
    }

    private static SegmentationBatch Batch(bool bright = false)
    {
        var random = new Random(11);
        var bytes = new byte[Images * Pixels * 3];
        random.NextBytes(bytes);
        sbyte[] images = bright ? [.. Enumerable.Repeat((sbyte)127, bytes.Length)] : [.. bytes.Select(value => (sbyte)value)];
        byte[] labels = [.. Enumerable.Range(0, Images * Pixels).Select(_ => random.Next(10) == 0 ? ClassTable.Ignore : (byte)random.Next(3))];
        return new SegmentationBatch(Side, Side, images, labels, new Dictionary<int, byte[]>(), [.. Enumerable.Range(0, Images).Select(i => new SampleInfo($"{i}", i, Side, Side, null))]);
    }

    /// <summary>The class maps in plain arithmetic, each layer in float or alone in int8.</summary>
    private static byte[] Maps(Network network, bool hidden, bool logits)
    {
        sbyte[] images = Batch().Images;
        var maps = new byte[Images * Pixels];
        for (int i = 0; i < maps.Length; i++)
        {
            double[] pixel = [.. images.AsSpan(i * 3, 3).ToArray().Select(value => value / 128.0)];
            double[] inner = Layer(network, "hidden", pixel, hidden, 1 / 128.0, HiddenScale, relu: true);
            double[] outer = Layer(network, "logits", inner, logits, HiddenScale, LogitScale, relu: false);
            maps[i] = (byte)Array.IndexOf(outer, outer.Max());
        }

        return maps;
    }

    private static double[] Layer(Network network, string name, double[] input, bool isQuantized, double inputScale, double scale, bool relu)
    {
        float[] weights = network.Parameters[$"{name}.weight"], bias = network.Parameters[$"{name}.bias"];
        return [.. bias.Select((b, channel) =>
        {
            double sum = isQuantized ? Math.Round(b / (inputScale * WeightScale)) * inputScale * WeightScale : b;
            for (int i = 0; i < input.Length; i++)
            {
                double w = weights[(channel * input.Length) + i];
                sum += input[i] * (isQuantized ? Math.Clamp(Math.Round(w / WeightScale), -128, 127) * WeightScale : w);
            }

            sum = relu ? Math.Max(sum, 0) : sum;
            return isQuantized ? Math.Clamp(Math.Round(sum / scale), -128, 127) * scale : sum;
        })];
    }
}
