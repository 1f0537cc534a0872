using Tessera.Cli.Alignment;
using Tessera.Data;
using Tessera.Training;

namespace Tessera.Cli.Verification;

/// <summary>What two forms of a network gave for the same images.</summary>
/// <param name="Images">Images compared.</param>
/// <param name="DifferingImages">Images in which anything that both show differs.</param>
/// <param name="DifferingPixels">Pixels of the class maps that differ.</param>
/// <param name="DifferingLogits">Logits elements that differ.</param>
/// <param name="FirstImage">The first image that differs; null where none does.</param>
internal sealed record PairDifference(int Images, int DifferingImages, long DifferingPixels, long DifferingLogits, string? FirstImage)
{
    /// <summary>The difference with one more image counted.</summary>
    public PairDifference With(RunnerOutput first, RunnerOutput second, string image) => second.Matches(first, out long logits, out long pixels)
        ? this with { Images = Images + 1 }
        : new PairDifference(Images + 1, DifferingImages + 1, DifferingPixels + pixels, DifferingLogits + logits, FirstImage ?? image);
}

/// <summary>Compares pairs of forms over one pass; each form runs once for each image, in however many pairs it is.</summary>
internal static class PairComparison
{
    /// <summary>Compares.</summary>
    /// <param name="runners">The forms.</param>
    /// <param name="pairs">Pairs of indices of forms.</param>
    /// <param name="source">The images.</param>
    /// <param name="progress">Told of the number of images done, and of all.</param>
    /// <param name="cancellation">Ends the pass between runs.</param>
    /// <returns>One difference for each pair.</returns>
    public static PairDifference[] Run(
        IReadOnlyList<IRunner> runners, IReadOnlyList<(int First, int Second)> pairs, IBatchSource source, Action<int, int> progress, CancellationToken cancellation)
    {
        PairDifference[] differences = [.. pairs.Select(_ => new PairDifference(0, 0, 0, 0, null))];
        int images = 0;
        foreach (SegmentationBatch batch in source.Epoch(0, cancellation))
        {
            using (batch)
            {
                var outputs = new RunnerOutput[runners.Count][];
                for (int r = 0; r < outputs.Length; r++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    outputs[r] = runners[r].Run(batch.Images, batch.Count, batch.Height, batch.Width);
                }

                for (int p = 0; p < differences.Length; p++)
                {
                    for (int i = 0; i < batch.Count; i++)
                    {
                        differences[p] = differences[p].With(outputs[pairs[p].First][i], outputs[pairs[p].Second][i], batch.Samples[i].Name);
                    }
                }

                progress(images += batch.Count, source.SampleCount);
            }
        }

        return differences;
    }
}
