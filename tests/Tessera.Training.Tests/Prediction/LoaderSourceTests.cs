using Tessera.Core;
using Tessera.Data;

namespace Tessera.Training.Tests.Prediction;

public sealed class LoaderSourceTests : IDisposable
{
    private const byte Road = 7, Sky = 23, Unlabelled = 0; // Cityscapes label ids; road is class 0, sky 10
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-source-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_pack_is_scored_at_the_networks_size_and_at_each_images_own()
    {
        using SegmentationDataset dataset = Pack((100, 150), (64, 64), (70, 200));
        var loader = new BatchLoader(dataset, new LoaderOptions { BatchSize = 2, Height = 64, Width = 128, KeepOriginalLabel = true });
        var source = new LoaderSource(loader);
        var names = ClassTable.Cityscapes.Classes.Select(entry => entry.Name).ToArray();

        MetricTable input = Evaluation.Run(new AlwaysRoad(), source, names, EvalSize.Input);
        MetricTable original = Evaluation.Run(new AlwaysRoad(), source, names, EvalSize.Original);

        Assert.Equal((2, 3), (source.BatchCount, source.SampleCount));

        // The upper half is sky, the lower road, but for an ignored column on the left of each original.
        long[] heights = [100, 64, 70], widths = [150, 64, 200];
        Assert.Equal(heights.Zip(widths, (h, w) => h / 2 * (w - 1)).Sum(), original.Classes[0].Correct);
        Assert.Equal(heights.Zip(widths, (h, w) => h * (w - 1)).Sum(), original.PixelCount);
        Assert.Equal(0.5, original.Classes[0].IoU);
        Assert.Equal(0, original.Classes[10].IoU);
        Assert.Equal(0.25, original.MeanIoU);
        Assert.True(double.IsNaN(original.Classes[1].IoU));
        Assert.InRange(input.PixelCount, 3 * 64 * 120, 3 * 64 * 128);
    }

    [Fact]
    public void Batches_carry_what_training_needs()
    {
        using SegmentationDataset dataset = Pack((64, 64));
        var source = new LoaderSource(new BatchLoader(dataset, new LoaderOptions { BatchSize = 1, Height = 64, Width = 64, LabelStrides = [4, 8, 16, 32, 64] }));

        using SegmentationBatch batch = source.Epoch(0, default).Single();

        Assert.Equal([4, 8, 16, 32, 64], batch.StrideLabels.Keys.Order());
        Assert.Equal(16 * 16, batch.StrideLabels[4].Length);
        Assert.Equal("image 0", batch.Samples[0].Name);
        Assert.Matches("^data wait [0-9.]+ % ", source.DataWait);
    }

    private SegmentationDataset Pack(params (int Height, int Width)[] sizes)
    {
        string path = Path.Combine(_folder, "val_lmdb");
        using (var writer = new LmdbPackWriter(path))
        {
            foreach ((int height, int width) in sizes)
            {
                byte[] label = [.. Enumerable.Range(0, height * width).Select(i => i % width == 0 ? Unlabelled : i / width < height / 2 ? Sky : Road)];
                string name = $"image {writer.Count}";
                writer.Add(SampleRecord.Encode(new RgbImage(new byte[height * width * 3], height, width), new LabelImage(label, height, width), name), name);
            }

            writer.Complete();
        }

        return SegmentationDataset.Open(path);
    }

    private sealed class AlwaysRoad : ISegmentationPredictor
    {
        public ClassMaps Predict(sbyte[] images, int count, int height, int width) => new(new byte[count * height / 4 * width / 4], height / 4, width / 4);
    }
}
