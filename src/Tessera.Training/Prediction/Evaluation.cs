using System.Diagnostics;
using Tessera.Data;
using Tessera.Imaging;

namespace Tessera.Training;

/// <summary>How far an evaluation is.</summary>
/// <param name="Images">Images scored.</param>
/// <param name="Total">Images in all.</param>
/// <param name="ImagesPerSecond">Mean so far.</param>
/// <param name="TimeLeft">An estimate.</param>
public sealed record EvaluationProgress(int Images, int Total, double ImagesPerSecond, TimeSpan TimeLeft);

/// <summary>Runs a predictor over labelled images and scores it by HAT's rule.</summary>
public static class Evaluation
{
    /// <summary>Scores one pass over a source.</summary>
    /// <param name="predictor">What predicts.</param>
    /// <param name="source">The images; epoch 0 is taken.</param>
    /// <param name="classes">A name per class.</param>
    /// <param name="size">At which size predictions and labels are compared.</param>
    /// <param name="progress">Told after every batch; null for nobody.</param>
    /// <param name="cancellation">Ends the pass between batches.</param>
    /// <param name="boundaryWidth">How far from a border the boundary IoU looks, as <see cref="BoundaryCounts"/> has it; null where it is not measured.</param>
    /// <exception cref="OperationCanceledException">The pass was cancelled.</exception>
    /// <exception cref="ArgumentException">The source does not keep the original labels that <see cref="EvalSize.Original"/> needs.</exception>
    public static MetricTable Run(
        ISegmentationPredictor predictor,
        IBatchSource source,
        IReadOnlyList<string> classes,
        EvalSize size,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellation = default,
        double? boundaryWidth = null)
    {
        var matrix = new ConfusionMatrix(classes.Count);
        BoundaryCounts? boundaries = boundaryWidth is { } near ? new BoundaryCounts(classes.Count, near) : null;
        long start = Stopwatch.GetTimestamp();
        int images = 0, total = source.SampleCount;
        foreach (SegmentationBatch batch in source.Epoch(0, cancellation))
        {
            using (batch)
            {
                ClassMaps maps = predictor.Predict(batch.Images, batch.Count, batch.Height, batch.Width);
                Score(matrix, maps, batch, size);
                if (boundaries is not null)
                {
                    ScoreBoundaries(boundaries, maps, batch, size);
                }

                images += batch.Count;
            }

            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            progress?.Report(new EvaluationProgress(images, total, images / seconds, TimeSpan.FromSeconds(seconds / images * Math.Max(0, total - images))));
            cancellation.ThrowIfCancellationRequested();
        }

        return matrix.ToTable(classes) with { Boundaries = boundaries?.ToClasses(classes) ?? [] };
    }

    private static void ScoreBoundaries(BoundaryCounts boundaries, ClassMaps maps, SegmentationBatch batch, EvalSize size)
    {
        int pixels = maps.Height * maps.Width;
        for (int i = 0; i < batch.Count; i++)
        {
            (ReadOnlyMemory<byte> label, int height, int width) = LabelOf(batch, i, size);
            byte[] enlarged = new byte[label.Length];
            NearestResize.Apply(maps.Values.AsSpan(i * pixels, pixels), maps.Height, maps.Width, enlarged, height, width);
            boundaries.Add(enlarged, label.Span, height, width);
        }
    }

    /// <summary>Scores the predictions of one batch.</summary>
    /// <param name="matrix">Receives the counts.</param>
    /// <param name="maps">One map per image of the batch.</param>
    /// <param name="batch">The batch with its labels.</param>
    /// <param name="size">At which size predictions and labels are compared.</param>
    /// <exception cref="ArgumentException">The batch does not hold the original labels that <see cref="EvalSize.Original"/> needs.</exception>
    public static void Score(ConfusionMatrix matrix, ClassMaps maps, SegmentationBatch batch, EvalSize size)
    {
        int pixels = maps.Height * maps.Width;
        for (int i = 0; i < batch.Count; i++)
        {
            ScoreImage(matrix, maps.Values.AsSpan(i * pixels, pixels), maps.Height, maps.Width, batch, i, size);
        }
    }

    /// <summary>Scores the prediction of one image of a batch.</summary>
    /// <inheritdoc cref="Score"/>
    internal static void ScoreImage(ConfusionMatrix matrix, ReadOnlySpan<byte> map, int height, int width, SegmentationBatch batch, int image, EvalSize size)
    {
        (ReadOnlyMemory<byte> label, int labelHeight, int labelWidth) = LabelOf(batch, image, size);
        ValidationRule.Score(matrix, map, height, width, label.Span, labelHeight, labelWidth);
    }

    /// <summary>The label of one image of a batch that counts, with its size.</summary>
    /// <exception cref="ArgumentException">The batch does not hold the original labels that <see cref="EvalSize.Original"/> needs.</exception>
    internal static (ReadOnlyMemory<byte> Label, int Height, int Width) LabelOf(SegmentationBatch batch, int image, EvalSize size)
    {
        if (size == EvalSize.Input)
        {
            int pixels = batch.Height * batch.Width;
            return (batch.Labels.AsMemory(image * pixels, pixels), batch.Height, batch.Width);
        }

        SampleInfo sample = batch.Samples[image];
        byte[] label = sample.OriginalLabel
            ?? throw new ArgumentException($"Sample {sample.Name} has no label of its original size; make the loader keep them.", nameof(batch));
        return (label, sample.OriginalHeight, sample.OriginalWidth);
    }
}
