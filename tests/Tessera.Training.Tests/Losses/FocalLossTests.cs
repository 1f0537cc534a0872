using Tessera.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Losses;

public class FocalLossTests
{
    private const int Classes = 5;

    private static readonly int[] Strides = [4, 8];

    public FocalLossTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(0.25, 2.0)]
    [InlineData(1.0, 0.0)]
    [InlineData(0.4, 1.5)]
    [InlineData(0.25, 0.5)]
    [InlineData(1.0, 0.01)]
    public void Value_and_gradient_equal_a_plain_computation_in_float64(double alpha, double gamma)
    {
        using DisposeScope scope = NewDisposeScope();
        (double[][] logits, long[][] labels) = Example();
        var loss = new FocalLoss(new() { Alpha = alpha, Gamma = gamma }, Strides);
        Tensor[] x = [Logits(logits[0], 4, 6), Logits(logits[1], 2, 3)];
        Tensor value = loss.Forward(x, [Labels(labels[0], 4, 6), Labels(labels[1], 2, 3)]);
        Assert.Equal(Plain(logits, labels, alpha, gamma), value.item<float>(), 1e-5); // float32 sums of values around 1
        value.backward();
        for (int output = 0; output < 2; output++)
        {
            float[] gradient = x[output].grad!.data<float>().ToArray();
            for (int i = 0; i < gradient.Length; i++)
            {
                // Central differences in float64 err by the square of the step, 1e-10.
                const double Step = 1e-5;
                double kept = logits[output][i];
                logits[output][i] = kept + Step;
                double above = Plain(logits, labels, alpha, gamma);
                logits[output][i] = kept - Step;
                double below = Plain(logits, labels, alpha, gamma);
                logits[output][i] = kept;
                Assert.Equal((above - below) / (2 * Step), gradient[i], 2e-6);
            }
        }
    }

    [Theory]
    [InlineData(255)]
    [InlineData(-1)]
    public void Ignored_pixels_add_nothing_but_count_in_the_mean(long ignored)
    {
        using DisposeScope scope = NewDisposeScope();
        (double[][] logits, long[][] labels) = Example();
        var loss = new FocalLoss(new(), [4]);
        Tensor all = loss.Forward([Logits(logits[0], 4, 6)], [full([2, 4, 6], ignored, ScalarType.Int64)]);
        Assert.Equal(0, all.item<float>());

        long[] one = [.. Enumerable.Repeat(ignored, 48)];
        one[7] = 3;
        Tensor x = Logits(logits[0], 4, 6), value = loss.Forward([x], [Labels(one, 4, 6)]);
        Assert.Equal(Plain([logits[0]], [one], 0.25, 2), value.item<float>(), 1e-6);
        value.backward();
        Assert.Equal(Classes, x.grad!.data<float>().ToArray().Count(gradient => gradient != 0)); // one pixel's column
    }

    [Fact]
    public void The_default_weights_are_those_of_HAT()
    {
        Assert.Equal([256.0 / 19, 128.0 / 19, 64.0 / 19, 32.0 / 19, 16.0 / 19], new[] { 4, 8, 16, 32, 64 }.Select(SegmentationLossOptions.WeightOf));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.01)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    [InlineData(1.5)]
    [InlineData(2.0)]
    public void Certain_pixels_have_a_finite_loss_and_gradient(double gamma)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([200f, -200f, 200f, -200f], [1, 2, 1, 2]).requires_grad_(); // pixel 0: p = 0.5; pixel 1 likewise
        Tensor far = tensor([300f, 0f, -300f, 0f], [1, 2, 1, 2]).requires_grad_(); // p = 1 and 0 for class 0 and 1 of pixel 0
        var loss = new FocalLoss(new() { Gamma = gamma }, [4]);
        Tensor value = loss.Forward([x], [zeros([1, 1, 2], ScalarType.Int64)]) + loss.Forward([far], [tensor([1L, 0L], [1, 1, 2])]);
        value.backward();
        Assert.True(float.IsFinite(value.item<float>()));
        Assert.All(x.grad!.data<float>().ToArray().Concat(far.grad!.data<float>().ToArray()), gradient => Assert.True(float.IsFinite(gradient)));
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.5)]
    [InlineData(2.0)]
    public void A_pixel_that_is_right_for_certain_has_no_loss_and_no_gradient(double gamma)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor([300f, 0f], [1, 2, 1, 1]).requires_grad_();
        Tensor value = new FocalLoss(new() { Gamma = gamma }, [4]).Forward([x], [zeros([1, 1, 1], ScalarType.Int64)]);
        value.backward();
        Assert.Equal(0, value.item<float>());
        Assert.Equal([0f, 0f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Weights_that_are_not_as_many_as_the_outputs_are_refused()
    {
        UsageException fault = Assert.Throws<UsageException>(() => new FocalLoss(new() { Weights = [1] }, [4, 2]));
        Assert.Contains("has 1 values and the network has 2 outputs, of stride 4, 2", fault.Message, StringComparison.Ordinal);
        Assert.All([-1, double.NaN, double.PositiveInfinity], gamma => Assert.Throws<UsageException>(() => new FocalLoss(new() { Gamma = gamma }, [4])));
    }

    private static (double[][] Logits, long[][] Labels) Example()
    {
        var random = new Random(1);
        double[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(float)((random.NextDouble() * 6) - 3))];
        long[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(-1, Classes))];
        return ([Values(2 * Classes * 24), Values(2 * Classes * 6)], [Ids(48), Ids(12)]);
    }

    private static Tensor Logits(double[] values, int height, int width) =>
        tensor(values.Select(value => (float)value).ToArray(), [2, Classes, height, width]).requires_grad_();

    private static Tensor Labels(long[] values, int height, int width) => tensor(values, [2, height, width]);

    private static double Plain(double[][] logits, long[][] labels, double alpha, double gamma)
    {
        double total = 0;
        for (int output = 0; output < logits.Length; output++)
        {
            int plane = labels[output].Length / 2;
            double sum = 0;
            for (int i = 0; i < labels[output].Length; i++)
            {
                long label = labels[output][i];
                if (label is -1 or 255)
                {
                    continue;
                }

                int first = (i / plane * Classes * plane) + (i % plane);
                double denominator = Enumerable.Range(0, Classes).Sum(c => Math.Exp(logits[output][first + (c * plane)]));
                double p = (Math.Exp(logits[output][first + ((int)label * plane)]) / denominator) + 1e-9;
                sum += alpha * -Math.Log(p) * Math.Pow(1 - p, gamma);
            }

            total += 1024.0 / Strides[output] / 19 * sum / labels[output].Length;
        }

        return total;
    }
}
