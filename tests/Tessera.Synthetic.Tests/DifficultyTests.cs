using Tessera.Data;
using Xunit.Abstractions;

namespace Tessera.Synthetic.Tests;

/// <summary>A network that has learnt nothing but where classes usually are, or which colours they usually have, must score badly.</summary>
public sealed class DifficultyTests(DifficultyTests.Scenes scenes, ITestOutputHelper output) : IClassFixture<DifficultyTests.Scenes>
{
    private const int Height = 64;
    private const int Width = 128;
    private const int Classes = 19;

    [Fact]
    public void Every_class_has_a_sensible_share_of_fifty_scenes()
    {
        var counts = new long[256];
        foreach ((_, byte[] classes) in scenes.Val)
        {
            foreach (byte value in classes)
            {
                counts[value]++;
            }
        }

        double all = counts.Sum();
        for (int i = 0; i < Classes; i++)
        {
            output.WriteLine($"class {i}: {100 * counts[i] / all:F2} %");
        }

        Assert.All(counts.Take(Classes), count => Assert.InRange(count / all, 0.0005, 0.45));
        Assert.InRange(counts[255] / all, 0.001, 0.15);
    }

    [Fact]
    public void Position_alone_scores_below_20_percent()
    {
        double score = Score((_, pixel) => (pixel / Width / 4 * (Width / 4)) + (pixel % Width / 4));
        output.WriteLine($"position only: mIoU {100 * score:F2} %");
        Assert.InRange(score, 0.03, 0.20);
    }

    [Fact]
    public void Colour_alone_scores_below_25_percent()
    {
        double score = Score((pixels, pixel) => (pixels[pixel * 3] >> 3 << 10) | (pixels[(pixel * 3) + 1] >> 3 << 5) | (pixels[(pixel * 3) + 2] >> 3));
        output.WriteLine($"colour only: mIoU {100 * score:F2} %");
        Assert.InRange(score, 0.03, 0.25);
    }

    /// <summary>The mIoU on val of the predictor that knows, for each bin of a pixel's feature, train's most frequent class.</summary>
    private double Score(Func<byte[], int, int> bin)
    {
        var votes = new int[1 << 15, Classes];
        foreach ((byte[] pixels, byte[] classes) in scenes.Train)
        {
            for (int i = 0; i < classes.Length; i++)
            {
                if (classes[i] < Classes)
                {
                    votes[bin(pixels, i), classes[i]]++;
                }
            }
        }

        var majority = new int[1 << 15];
        for (int b = 0; b < majority.Length; b++)
        {
            majority[b] = Enumerable.Range(0, Classes).MaxBy(c => votes[b, c]);
        }

        var confusion = new long[Classes, Classes];
        foreach ((byte[] pixels, byte[] classes) in scenes.Val)
        {
            for (int i = 0; i < classes.Length; i++)
            {
                if (classes[i] < Classes)
                {
                    confusion[classes[i], majority[bin(pixels, i)]]++;
                }
            }
        }

        return Enumerable.Range(0, Classes).Average(c =>
        {
            long either = Enumerable.Range(0, Classes).Sum(other => confusion[c, other] + confusion[other, c]) - confusion[c, c];
            return confusion[c, c] / (double)either;
        });
    }

    /// <summary>200 scenes to learn from and 50 to score on: pixels and train ids.</summary>
    public sealed class Scenes
    {
        public (byte[] Pixels, byte[] Classes)[] Train { get; } = Draw("train", 200);

        public (byte[] Pixels, byte[] Classes)[] Val { get; } = Draw("val", 50);

        private static (byte[] Pixels, byte[] Classes)[] Draw(string split, int count)
        {
            var scenes = new (byte[], byte[])[count];
            Parallel.For(0, count, i =>
            {
                (RgbImage image, byte[] labelIds) = SyntheticStreets.Draw(new SceneOptions { Seed = 1, Split = split, Index = i, Height = Height, Width = Width });
                scenes[i] = (image.Pixels, [.. labelIds.Select(id => CityscapesLabels.TrainIds[id])]);
            });
            return scenes;
        }
    }
}
