using Tessera.Core;
using Tessera.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

public class StraightThroughTests
{
    // Three channels that do not mix, so that every gradient can be written down; the residual is the convolution's own input.
    private const string Plain = """
        graph one
        %img = input() : 1x3x1x4 scale=0.0078125
        %conv = conv2d(%img) in=3 out=3 kernel=1 stride=1 padding=0 groups=3{0} : 1x3x1x4 scale=0.005 weight_scale=0.01,0.02,0.03
        output y = %conv
        """;

    public StraightThroughTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Gradients_follow_the_rule_by_hand(bool relu, bool residual)
    {
        string text = Plain.Replace("{0}", (residual ? " residual=true" : "") + (relu ? " relu=true" : ""), StringComparison.Ordinal);
        text = residual ? text.Replace("conv2d(%img)", "conv2d(%img, %img)", StringComparison.Ordinal) : text;
        Graph graph = GraphParser.Parse(text);
        float[] weights = [0.5f, -3.1f, 2.0f], biases = [0.1f, 0.5f, -0.2f]; // -3.1 / 0.02 lies below -128: clamped
        float[] weightScales = [0.01f, 0.02f, 0.03f], incoming = [1, -2, 3, 0.5f, 7, -1, 2, 2, 1, -3, 5, 4];
        int[] image = [10, -128, 127, 3, 1, 2, -3, 100, -128, 127, 20, 0]; // channels 1 and 2 leave the range at some pixels
        var parameters = new ParameterSet { ["conv.weight"] = weights, ["conv.bias"] = biases };
        using var module = new GraphModule(graph, parameters);
        using Tensor images = tensor(image.Select(value => value / 128f).ToArray(), [1, 3, 1, 4]).requires_grad_();
        using Tensor y = module.Forward(images).Single();
        using Tensor gradient = tensor(incoming, [1, 3, 1, 4]);
        y.backward([gradient]);

        double[] weightGradient = new double[3], biasGradient = new double[3], imageGradient = new double[12];
        int clamped = 0;
        for (int i = 0; i < 12; i++)
        {
            int c = i / 4;
            int qw = Int8Arithmetic.QuantizeWeight(weights[c], weightScales[c]);
            double acc = (image[i] * qw) + Int8Arithmetic.QuantizeBias(biases[c], Int8Arithmetic.ImageScale, weightScales[c]);
            float m = Int8Arithmetic.Multiplier(Int8Arithmetic.ImageScale, weightScales[c], 0.005f), r = Int8Arithmetic.ResidualMultiplier(Int8Arithmetic.ImageScale, 0.005f);
            double z = (acc * m) + (residual ? image[i] * r : 0);
            if (z < (relu ? 0 : -128) || z > 127)
            {
                clamped++;
                continue;
            }

            // y = 0.005·rne(z): rounding hands the gradient on; 0.005 is the output's scale, 128 the image's.
            double g = incoming[i] * 0.005f;
            bool weightInRange = weights[c] / weightScales[c] is >= -128 and <= 127;
            weightGradient[c] += weightInRange ? g * m * image[i] / weightScales[c] : 0;
            biasGradient[c] += g * m / ((double)Int8Arithmetic.ImageScale * weightScales[c]);
            imageGradient[i] = 128 * ((g * m * qw) + (residual ? g * r : 0));
        }

        Assert.InRange(clamped, 1, 11);
        Near(weightGradient, parameters: module.TrainedParameters.Single(item => item.Name == "conv.weight").Tensor.grad!);
        Near(biasGradient, parameters: module.TrainedParameters.Single(item => item.Name == "conv.bias").Tensor.grad!);
        Near(imageGradient, parameters: images.grad!);
    }

    [Fact]
    public void Rounding_passes_the_gradient_and_clamping_stops_it_outside_the_range()
    {
        using Tensor x = tensor([-129f, -128f, -0.5f, 0.5f, 1.5f, 126.7f, 127f, 127.2f]).requires_grad_();
        using Tensor y = IntegerKernels.RoundClamped(x.mul(1), IntegerKernels.Low, IntegerKernels.High);
        Assert.Equal([-128f, -128, 0, 0, 2, 127, 127, 127], y.data<float>().ToArray());
        using Tensor sum = y.sum();
        sum.backward();
        Assert.Equal([0f, 1, 1, 1, 1, 1, 1, 0], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void The_upsample_hands_its_gradient_through_the_rounding()
    {
        Graph graph = GraphParser.Parse(
            """
            graph up
            %img = input() : 1x3x2x2 scale=0.0078125
            %up = upsample(%img) factor=2 : 1x3x4x4 scale=0.0078125
            output y = %up
            """);
        using var module = new GraphModule(graph, new ParameterSet());
        using Tensor images = TestNetworks.Images(1, 2, 2, 1).requires_grad_();
        using Tensor y = module.Forward(images).Single();
        using Tensor sum = y.sum();
        sum.backward();

        // Every source pixel spreads the weight 4 over the outputs; by symmetry each of the four gets as much.
        Assert.All(images.grad!.data<float>().ToArray(), value => Assert.Equal(4f, value, 1e-6f));
    }

    [Theory]
    [InlineData("avg_pool2d(%img) kernel=2 stride=2 padding=0 : 1x3x1x1", 0.25f)]
    [InlineData("max_pool2d(%img) kernel=2 stride=2 padding=0 : 1x3x1x1", 0.25f)]
    [InlineData("concat(%img, %img) : 1x6x2x2", 2f)]
    [InlineData("upsample(%img) factor=4x2 : 1x3x8x4", 8f)]
    [InlineData("upsample(%img) factor=2 nearest=true : 1x3x4x4", 4f)]
    public void What_moves_or_averages_values_hands_its_gradient_on(string op, float mean)
    {
        Graph graph = GraphParser.Parse($"""
            graph g
            %img = input() : 1x3x2x2 scale=0.0078125
            %y = {op} scale=0.0078125
            output y = %y
            """);
        using var module = new GraphModule(graph, new ParameterSet());
        using Tensor images = TestNetworks.Images(1, 2, 2, 1).requires_grad_();
        using Tensor y = module.Forward(images).Single();
        using Tensor sum = y.sum();
        sum.backward();
        float[] gradient = images.grad!.data<float>().ToArray();
        Assert.Equal(mean, gradient.Average(), 1e-6f);
    }

    [Fact]
    public void A_step_against_the_gradient_lowers_the_loss_of_the_quantized_network()
    {
        using DisposeScope scope = NewDisposeScope();
        Network network = TestNetworks.Annotated(64, 64, 3);

        // The untrained heads' logits are near 0: their scales would not let them grow.
        Graph graph = network.Graph.Rewrite((node, _) => node.Name.StartsWith("head.", StringComparison.Ordinal)
            ? node with { Output = node.Output with { Quant = new(0.1f) } }
            : node);
        using var module = new GraphModule(graph, network.Parameters);
        var optimizer = new Sgd(module, new() { Decay = WeightDecay.OfWeights(0) });
        var loss = new FocalLoss(new(), [4, 8, 16, 32, 64]);
        Tensor images = TestNetworks.Images(2, 64, 64, 3);
        Tensor[] labels = [.. new[] { 16, 8, 4, 2, 1 }.Select(size => full([2, size, size], 3, ScalarType.Int64))];
        float first = 0, last = 0;
        for (int step = 0; step < 15; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor value = loss.Forward(module.Forward(images), labels);
            optimizer.ZeroGradients();
            value.backward();
            optimizer.Step(0.2);
            last = value.item<float>();
            first = step == 0 ? last : first;
        }

        Assert.True(last < 0.7f * first, $"the loss went from {first} to {last}");
    }

    // float32 sums of a few products: relative errors around 1e-7.
    private static void Near(double[] expected, Tensor parameters)
    {
        using Tensor gradient = parameters;
        float[] actual = gradient.data<float>().ToArray();
        double range = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * range));
    }
}
