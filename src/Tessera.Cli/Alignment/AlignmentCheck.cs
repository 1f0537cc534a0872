using Tessera.Data;
using Tessera.Training;

namespace Tessera.Cli.Alignment;

/// <summary>One runner's part of an alignment.</summary>
/// <param name="Name">The runner.</param>
/// <param name="Metrics">Its accuracy.</param>
/// <param name="DifferingImages">Images in which anything differs from the expected runner.</param>
/// <param name="DifferingPixels">Pixels of the class maps that differ.</param>
/// <param name="DifferingLogits">Logits elements that differ.</param>
/// <param name="First">The first differing image; null when all are equal.</param>
internal sealed record RunnerResult(string Name, MetricTable Metrics, int DifferingImages, long DifferingPixels, long DifferingLogits, DifferingImage? First);

/// <summary>An image in which a runner differs.</summary>
/// <param name="Name">The sample's name.</param>
/// <param name="Image">The image as the network reads it.</param>
internal sealed record DifferingImage(string Name, sbyte[] Image);

/// <summary>What an alignment saw.</summary>
/// <param name="Images">Images compared.</param>
/// <param name="Pixels">Pixels of all class maps.</param>
/// <param name="Logits">Elements of all logits.</param>
/// <param name="Runners">One result for each runner; the first one is the expected one itself.</param>
internal sealed record AlignmentResult(int Images, long Pixels, long Logits, IReadOnlyList<RunnerResult> Runners);

/// <summary>Runs several forms of one network over the same images and compares them, element by element, with the first one.</summary>
internal static class AlignmentCheck
{
    /// <summary>Compares over one pass.</summary>
    /// <param name="runners">The runners; the first one is right by definition.</param>
    /// <param name="source">The images.</param>
    /// <param name="classes">A name per class.</param>
    /// <param name="size">At which size accuracy is measured.</param>
    /// <param name="progress">Told of the number of images done, and of all.</param>
    /// <param name="cancellation">Ends the pass between batches.</param>
    public static AlignmentResult Run(
        IReadOnlyList<IRunner> runners, IBatchSource source, IReadOnlyList<string> classes, EvalSize size, Action<int, int> progress, CancellationToken cancellation)
    {
        Tally[] tallies = [.. runners.Select(_ => new Tally(classes.Count))];
        int images = 0;
        long pixels = 0, logits = 0;
        foreach (SegmentationBatch batch in source.Epoch(0, cancellation))
        {
            using (batch)
            {
                RunnerOutput[] expected = [];
                for (int r = 0; r < runners.Count; r++)
                {
                    RunnerOutput[] outputs = runners[r].Run(batch.Images, batch.Count, batch.Height, batch.Width);
                    expected = r == 0 ? outputs : expected;
                    tallies[r].Add(outputs, expected, batch, size);
                    cancellation.ThrowIfCancellationRequested();
                }

                images += batch.Count;
                pixels += expected.Sum(output => output.ClassMap.LongLength);
                logits += expected.Sum(output => output.Logits.LongLength);
                progress(images, source.SampleCount);
            }
        }

        return new AlignmentResult(images, pixels, logits, [.. runners.Zip(tallies, (runner, tally) => tally.ToResult(runner.Name, classes))]);
    }

    private sealed class Tally(int classes)
    {
        private readonly ConfusionMatrix _matrix = new(classes);
        private int _images;
        private long _pixels;
        private long _logits;
        private DifferingImage? _first;

        public void Add(RunnerOutput[] outputs, RunnerOutput[] expected, SegmentationBatch batch, EvalSize size)
        {
            for (int i = 0; i < outputs.Length; i++)
            {
                if (outputs[i].Matches(expected[i], out long logits, out long pixels))
                {
                    continue;
                }

                _images++;
                _logits += logits;
                _pixels += pixels;
                int length = batch.Images.Length / batch.Count;
                _first ??= new DifferingImage(batch.Samples[i].Name, batch.Images[(i * length)..((i + 1) * length)]);
            }

            var maps = new ClassMaps([.. outputs.SelectMany(output => output.ClassMap)], outputs[0].Height, outputs[0].Width);
            Evaluation.Score(_matrix, maps, batch, size);
        }

        public RunnerResult ToResult(string name, IReadOnlyList<string> names) => new(name, _matrix.ToTable(names), _images, _pixels, _logits, _first);
    }
}
