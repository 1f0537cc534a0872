using Tessera.Core;
using Tessera.Graphs;
using Tessera.TestKit;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

/// <summary>libtorch's float32 convolution must add integers exactly for every shape of the network: no Winograd, no reduced precision.</summary>
public class ExactConvolutionTests
{
    public ExactConvolutionTests() => TorchSetup.Initialize(new() { Threads = 2 });

    public static TheoryData<int, int, bool> Sizes => new() { { 64, 128, true }, { 128, 384, false }, { 384, 1280, true }, { 1024, 2048, true } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_convolution_shape_is_exact_in_float32(int height, int width, bool channelsLast)
    {
        Graph graph = RandomNetworks.Training(height, width, 1).Graph;
        var shapes = graph.Nodes.Where(node => node.Op is Conv2d).Select(node => ((Conv2d)node.Op, graph.ValueOf(node.Inputs[0]).Shape)).Distinct().ToArray();
        Assert.True(shapes.Length > 20, $"{shapes.Length} shapes");
        manual_seed(1);
        using IDisposable noGradient = no_grad();
        foreach ((Conv2d conv, TensorShape shape) in shapes)
        {
            // Full-range values with the sum near, and below, 2^24: the largest weight is chosen by the fan-in.
            int weightLimit = (int)Math.Min(128, (Int8Arithmetic.AccumulatorLimit - (1 << 22)) / (128L * conv.FanIn));
            using Tensor x = randint(-128, 128, [1, shape.C, shape.H, shape.W], ScalarType.Float32);
            using Tensor w = randint(-weightLimit, weightLimit, [conv.OutChannels, conv.InChannels / conv.Geometry.Groups, conv.Geometry.Rows.Kernel, conv.Geometry.Columns.Kernel], ScalarType.Float32);
            using Tensor b = randint(-(1 << 22) + 1, 1 << 22, [conv.OutChannels], ScalarType.Float32);
            using Tensor laidOut = channelsLast ? FloatKernels.ChannelsLast(x) : x.alias();
            using Tensor narrow = Convolve(laidOut, w, b);
            using Tensor wideX = x.to_type(ScalarType.Float64), wideW = w.to_type(ScalarType.Float64), wideB = b.to_type(ScalarType.Float64);
            using Tensor wide = Convolve(wideX, wideW, wideB);
            using Tensor different = narrow.to_type(ScalarType.Float64).ne(wide).sum();
            Assert.True(different.item<long>() == 0, $"{conv} over {shape}: {different.item<long>()} sums differ");

            Tensor Convolve(Tensor input, Tensor weight, Tensor bias) =>
                nn.functional.conv2d(input, weight, bias, [conv.Geometry.Rows.Stride, conv.Geometry.Columns.Stride], [conv.Geometry.Rows.Padding, conv.Geometry.Columns.Padding], groups: conv.Geometry.Groups);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(12, 40)]
    [InlineData(96, 320)]
    public void The_upsample_is_exact_in_float32(int height, int width)
    {
        manual_seed(2);
        using Tensor x = randint(-128, 128, [1, 32, height, width], ScalarType.Float32);
        using Tensor pixels = FloatKernels.ChannelsLast(x);
        float[] source = x.data<float>().ToArray(), actual = Upsampled(x);
        var expected = new float[actual.Length];
        PlainLoops.Upsample(new TensorShape(1, 32, height, width), (output, a, b, c, d) =>
            expected[output] = Int8Arithmetic.Upsample((int)source[a], (int)source[b], (int)source[c], (int)source[d]));
        Assert.Equal(expected, actual);
        Assert.Equal(expected, Upsampled(pixels));

        static float[] Upsampled(Tensor values)
        {
            using Tensor y = IntegerKernels.Round(FloatKernels.Upsample(Graphs.Upsample.Bilinear(2), values));
            using Tensor planes = y.contiguous();
            return planes.data<float>().ToArray();
        }
    }
}
