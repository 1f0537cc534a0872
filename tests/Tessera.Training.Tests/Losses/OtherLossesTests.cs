using Tessera.Core;
using Tessera.Graphs.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Losses;

/// <summary>The losses beside the focal one: value and gradient against libtorch's own, or against a plain computation in float64.</summary>
public class OtherLossesTests
{
    private const int Classes = 5, Images = 2, Height = 4, Width = 6, Plane = Height * Width;

    private static readonly LogitsOutputs One = new([4], Classes);

    public OtherLossesTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(false, 0.0)]
    [InlineData(true, 0.0)]
    [InlineData(false, 0.1)]
    [InlineData(true, 0.25)]
    public void Cross_entropy_is_libtorchs(bool weighted, double smoothing)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] weights = [0.5f, 2, 1, 0, 3];
        (double[] logits, long[] labels) = Example();
        Tensor ours = Logits(logits), theirs = Logits(logits);
        var loss = new CrossEntropyLoss(new() { ClassWeights = weighted ? [.. weights.Select(weight => (double)weight)] : [], LabelSmoothing = smoothing, Weights = [3] }, One);
        Tensor value = loss.Forward([ours], [Labels(labels)]);
        Tensor expected = nn.functional.cross_entropy(theirs, Labels([.. labels.Select(label => label == 255 ? -1 : label)]), weighted ? tensor(weights) : null, ignore_index: -1, label_smoothing: smoothing) * 3;
        value.backward();
        expected.backward();
        Assert.Equal(expected.item<float>(), value.item<float>(), 2e-6f * expected.item<float>());
        Assert.All(theirs.grad!.data<float>().ToArray().Zip(ours.grad!.data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Theory]
    [InlineData(0.7, 0.01)] // the hard pixels
    [InlineData(0.05, 0.5)] // half of the pixels, because too few are hard
    [InlineData(1.0, 1.0)] // all
    public void Hard_examples_are_those_of_a_plain_computation(double threshold, double share)
    {
        var loss = new OhemCrossEntropyLoss(new() { Threshold = threshold, MinShare = share, Weights = [2] }, [4]);
        Check(loss, (logits, labels) =>
        {
            double[] losses = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] is >= 0 and not 255).Select(i => -Math.Log(Probability(logits, i, labels[i])))];
            double[] hard = [.. losses.Where(value => value >= -Math.Log(threshold))];
            int least = (int)Math.Ceiling(share * losses.Length);
            return 2 * (hard.Length >= least ? hard : [.. losses.OrderDescending().Take(least)]).Average();
        });
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.01)]
    public void Dice_is_that_of_a_plain_computation(double smooth) => Check(new DiceLoss(new() { Smooth = smooth, Weights = [2] }, [4]), (logits, labels) =>
    {
        int[] scored = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] is >= 0 and not 255)];
        return 2 * (1 - Enumerable.Range(0, Classes).Average(c =>
            ((2 * scored.Where(i => labels[i] == c).Sum(i => Probability(logits, i, c))) + smooth) / (scored.Sum(i => Math.Pow(Probability(logits, i, c), 2)) + scored.Count(i => labels[i] == c) + smooth)));
    });

    [Fact]
    public void Without_a_labelled_pixel_nothing_is_lost_and_nothing_moves()
    {
        SegmentationLossOptions[] all = [new CrossEntropyLossOptions { LabelSmoothing = 0.1 }, new OhemCrossEntropyLossOptions(), new FocalLossOptions()];
        foreach (ISegmentationLoss loss in all.Select(options => options.Create(One)))
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = Logits(Example().Logits), value = loss.Forward([x], [full([Images, Height, Width], 255L, ScalarType.Int64)]);
            value.backward();
            Assert.Equal(0, value.item<float>());
            Assert.All(x.grad!.data<float>().ToArray(), gradient => Assert.Equal(0, gradient));
        }
    }

    [Fact]
    public void Settings_that_are_impossible_are_refused()
    {
        Assert.Contains("for each of the 5 classes", Assert.Throws<UsageException>(() => new CrossEntropyLoss(new() { ClassWeights = [1, 2] }, One)).Message);
        Assert.Contains("label_smoothing is 1;", Assert.Throws<UsageException>(() => new CrossEntropyLoss(new() { LabelSmoothing = 1 }, One)).Message);
        Assert.Contains("losses.thresh is 0", Assert.Throws<UsageException>(() => new OhemCrossEntropyLoss(new() { Threshold = 0 }, [4])).Message);
        Assert.Contains("losses.smooth is 0;", Assert.Throws<UsageException>(() => new DiceLoss(new() { Smooth = 0 }, [4])).Message);
    }

    private static void Check(ISegmentationLoss loss, Func<double[], long[], double> plain)
    {
        using DisposeScope scope = NewDisposeScope();
        (double[] logits, long[] labels) = Example();
        Tensor x = Logits(logits), value = loss.Forward([x], [Labels(labels)]);
        Assert.Equal(plain(logits, labels), value.item<float>(), 1e-5);
        value.backward();
        float[] gradient = x.grad!.data<float>().ToArray();
        for (int i = 0; i < gradient.Length; i++)
        {
            const double Step = 1e-5;
            double kept = logits[i];
            logits[i] = kept + Step;
            double above = plain(logits, labels);
            logits[i] = kept - Step;
            double below = plain(logits, labels);
            logits[i] = kept;
            Assert.Equal((above - below) / (2 * Step), gradient[i], 2e-6);
        }
    }

    private static double Probability(double[] logits, int pixel, long label)
    {
        int first = (pixel / Plane * Classes * Plane) + (pixel % Plane);
        return Math.Exp(logits[first + ((int)label * Plane)]) / Enumerable.Range(0, Classes).Sum(c => Math.Exp(logits[first + (c * Plane)]));
    }

    private static (double[] Logits, long[] Labels) Example()
    {
        var random = new Random(3);
        double[] logits = [.. Enumerable.Range(0, Images * Classes * Plane).Select(_ => (double)(float)((random.NextDouble() * 6) - 3))];
        return (logits, [.. Enumerable.Range(0, Images * Plane).Select(i => i % 7 == 0 ? 255L : random.Next(-1, Classes))]);
    }

    private static Tensor Logits(double[] values) => tensor(values.Select(value => (float)value).ToArray(), [Images, Classes, Height, Width]).requires_grad_();

    private static Tensor Labels(long[] values) => tensor(values, [Images, Height, Width]);
}
