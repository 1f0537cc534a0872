using Tessera.Core;
using Tessera.Data;

namespace Tessera.Training.Tests.Trainers;

/// <summary>
/// Generated images that a network learns in some dozen steps: three regions with a noisy colour of their own, divided by a
/// horizon and a wall at random places; some pixels are ignored. A batch depends on seed and epoch alone.
/// </summary>
internal sealed class ColourGame(int batches, int batchSize, int height = 64, int width = 64, int seed = 0) : IBatchSource
{
    public static readonly string[] Classes = ["sky", "road", "wall"];

    private static readonly int[] Strides = [4, 8, 16, 32, 64];
    private static readonly int[,] Colours = { { 70, 20, -30 }, { -60, 0, 10 }, { 0, -40, 50 } };

    public int BatchCount => batches;

    public int SampleCount => batches * batchSize;

    public int SmallestBatch => ClaimedBatch ?? batchSize;

    /// <summary>What the source says of its smallest batch, where that is not so.</summary>
    public int? ClaimedBatch { get; init; }

    /// <summary>Called after a batch was consumed, with its number over all epochs.</summary>
    public Action<int>? Consumed { get; init; }

    public bool KeepsOriginals { get; init; }

    /// <summary>The same images in every epoch, as a validation set has them.</summary>
    public bool IsFixed { get; init; }

    public IEnumerable<SegmentationBatch> Epoch(int epoch, CancellationToken cancellation)
    {
        for (int i = 0; i < batches; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return Batch((seed * 1_000_003) + ((IsFixed ? 0 : epoch) * 1009) + i);
            Consumed?.Invoke((epoch * batches) + i);
        }
    }

    private SegmentationBatch Batch(int number)
    {
        var random = new Random(number);
        int pixels = height * width;
        var images = new sbyte[batchSize * pixels * 3];
        var labels = new byte[batchSize * pixels];
        for (int n = 0; n < batchSize; n++)
        {
            int horizon = random.Next(height / 4, height * 3 / 4), wall = random.Next(width / 4, width * 3 / 4);
            for (int i = 0; i < pixels; i++)
            {
                int c = i / width < horizon ? 0 : i % width < wall ? 1 : 2;
                labels[(n * pixels) + i] = random.Next(50) == 0 ? ClassTable.Ignore : (byte)c;
                for (int plane = 0; plane < 3; plane++)
                {
                    images[(((n * pixels) + i) * 3) + plane] = (sbyte)Math.Clamp(Colours[c, plane] + random.Next(-40, 41), -128, 127);
                }
            }
        }

        Dictionary<int, byte[]> strideLabels = Strides.ToDictionary(stride => stride, stride => Shrink(labels, stride));
        SampleInfo[] samples = [.. Enumerable.Range(0, batchSize).Select(n => new SampleInfo(
            $"{number}-{n}", n, height, width, KeepsOriginals ? labels.AsSpan(n * pixels, pixels).ToArray() : null))];
        return new SegmentationBatch(height, width, images, labels, strideLabels, samples);
    }

    private byte[] Shrink(byte[] labels, int stride)
    {
        int coarse = height / stride * (width / stride);
        var result = new byte[batchSize * coarse];
        for (int n = 0; n < batchSize; n++)
        {
            LabelShrink.Apply(labels.AsSpan(n * height * width, height * width), height, width, stride, result.AsSpan(n * coarse, coarse));
        }

        return result;
    }
}
