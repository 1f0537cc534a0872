using Tessera.Data;

namespace Tessera.Training.Tests.Prediction;

public class EvaluationTests
{
    private static readonly string[] Classes = ["left", "right"];

    [Fact]
    public void Input_size_compares_with_the_label_of_the_network()
    {
        MetricTable table = Evaluation.Run(new HalvesPredictor(), new TwoSizes(), Classes, EvalSize.Input);

        Assert.Equal(2 * 8 * 8, table.PixelCount);
        Assert.Equal(1, table.MeanIoU);
    }

    [Fact]
    public void Original_size_compares_with_each_images_own_label()
    {
        MetricTable table = Evaluation.Run(new HalvesPredictor(), new TwoSizes(), Classes, EvalSize.Original);

        // 2×3: columns L R R under the label L L R, so two pixels are wrong; 4×2: all right.
        Assert.Equal(6 + 8, table.PixelCount);
        Assert.Equal([6.0 / 8, 6.0 / 8], table.Classes.Select(row => row.IoU));
    }

    [Fact]
    public void Progress_counts_images_and_cancelling_ends_between_batches()
    {
        using var stop = new CancellationTokenSource();
        var progress = new Progress(stop);

        Assert.Throws<OperationCanceledException>(() => Evaluation.Run(new HalvesPredictor(), new TwoSizes { Batches = 3 }, Classes, EvalSize.Input, progress, stop.Token));

        Assert.Equal([(2, 6), (4, 6)], progress.Seen);
    }

    [Fact]
    public void A_source_without_original_labels_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Evaluation.Run(new HalvesPredictor(), new TwoSizes { KeepsOriginals = false }, Classes, EvalSize.Original));
    }

    [Fact]
    public void Batches_are_handed_back()
    {
        var source = new TwoSizes { Batches = 3 };
        Evaluation.Run(new HalvesPredictor(), source, Classes, EvalSize.Input);
        Assert.Equal(3, source.Returned);
    }

    /// <summary>Class 0 on the left half, class 1 on the right.</summary>
    private sealed class HalvesPredictor : ISegmentationPredictor
    {
        public ClassMaps Predict(sbyte[] images, int count, int height, int width) =>
            new([.. Enumerable.Range(0, count * height / 4 * width / 4).Select(i => (byte)(i % (width / 4) < width / 8 ? 0 : 1))], height / 4, width / 4);
    }

    /// <summary>Batches of two images of 8×8 whose originals are 2×3 and 4×2.</summary>
    private sealed class TwoSizes : IBatchSource
    {
        public int Batches { get; init; } = 1;

        public bool KeepsOriginals { get; init; } = true;

        public int Returned { get; private set; }

        public int BatchCount => Batches;

        public int SampleCount => Batches * 2;

        public int SmallestBatch => 2;

        public IEnumerable<SegmentationBatch> Epoch(int epoch, CancellationToken cancellation)
        {
            byte[] label = [.. Enumerable.Range(0, 2 * 64).Select(i => (byte)(i % 8 / 4))];
            SampleInfo[] samples =
            [
                new("wide", 0, 2, 3, KeepsOriginals ? [0, 0, 1, 0, 0, 1] : null),
                new("tall", 1, 4, 2, KeepsOriginals ? [0, 1, 0, 1, 0, 1, 0, 1] : null),
            ];
            for (int i = 0; i < Batches; i++)
            {
                yield return new SegmentationBatch(8, 8, new sbyte[2 * 64 * 3], label, new Dictionary<int, byte[]>(), samples, new Return(() => Returned++));
            }
        }
    }

    private sealed class Return(Action action) : IDisposable
    {
        public void Dispose() => action();
    }

    private sealed class Progress(CancellationTokenSource stop) : IProgress<EvaluationProgress>
    {
        public List<(int Images, int Total)> Seen { get; } = [];

        public void Report(EvaluationProgress value)
        {
            Seen.Add((value.Images, value.Total));
            if (value.Images == 4)
            {
                stop.Cancel();
            }
        }
    }
}
