using System.Security.Cryptography;
using Tessera.Imaging;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Loading;

/// <summary>What each option of the loader decides, one at a time.</summary>
public sealed class LoaderWireTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Augmentation_depends_on_epoch_and_seed_though_the_order_does_not(bool perImage)
    {
        var affine = new SegRandomAffine(new SegRandomAffineOptions { PerImage = perImage });
        string first = Content(Small with { Augmentations = [affine] }, epoch: 0);
        Assert.Equal(first, Content(Small with { Augmentations = [affine] }, epoch: 0));
        Assert.NotEqual(first, Content(Small with { Augmentations = [affine] }, epoch: 1));
        Assert.NotEqual(first, Content(Small with { Augmentations = [affine], Seed = 1 }, epoch: 0));
        Assert.NotEqual(first, Content(Small, epoch: 0));
    }

    [Fact]
    public void Order_depends_on_epoch_and_seed_where_it_is_shuffled()
    {
        LoaderOptions shuffled = Small with { Shuffle = true };
        Assert.NotEqual(Order(shuffled, 0), Order(shuffled, 1));
        Assert.NotEqual(Order(shuffled, 0), Order(shuffled with { Seed = 1 }, 0));
        Assert.Equal(Enumerable.Range(0, 12), Order(Small with { Seed = 1 }, 1));
    }

    [Fact]
    public void Content_without_augmentation_depends_on_neither() => Assert.Equal(Content(Small, 0), Content(Small with { Seed = 1 }, 1));

    [Fact]
    public void The_range_of_the_scaling_is_obeyed()
    {
        string half = Content(Small with { Augmentations = [new SegRandomAffine(new SegRandomAffineOptions { MinScale = 0.5, MaxScale = 0.5 })] }, 0);
        string twice = Content(Small with { Augmentations = [new SegRandomAffine(new SegRandomAffineOptions { MinScale = 2, MaxScale = 2 })] }, 0);
        string same = Content(Small with { Augmentations = [new SegRandomAffine(new SegRandomAffineOptions { MinScale = 1, MaxScale = 1 })] }, 0);
        Assert.NotEqual(half, twice);
        Assert.Equal(Content(Small, 0), same);
    }

    [Fact]
    public void The_colour_conversion_is_the_options_one()
    {
        using SegmentationDataset dataset = SegmentationDataset.Open(Pack());
        foreach (YuvSwing swing in Enum.GetValues<YuvSwing>())
        {
            SegmentationSample sample = dataset.Read(0);
            using SegmentationBatch batch = new BatchLoader(dataset, Small with { BatchSize = 1, Swing = swing }).Epoch(0).First();
            Assert.Equal(ImagePreparation.Prepare(sample.Image.Pixels, 40, 60, 64, 64, swing), batch.Images);
        }
    }

    private static LoaderOptions Small { get; } = new() { Height = 64, Width = 64, BatchSize = 3, Workers = 0 };

    private int[] Order(LoaderOptions options, int epoch)
    {
        using SegmentationDataset dataset = SegmentationDataset.Open(Pack());
        return [.. new BatchLoader(dataset, options).Epoch(epoch).SelectMany(batch => batch.Samples).Select(sample => sample.Index)];
    }

    private string Content(LoaderOptions options, int epoch)
    {
        using SegmentationDataset dataset = SegmentationDataset.Open(Pack());
        return string.Concat(new BatchLoader(dataset, options).Epoch(epoch).Select(batch =>
            Convert.ToHexString(SHA256.HashData([.. batch.Images.Select(value => (byte)value), .. batch.Labels]))));
    }

    private string Pack()
    {
        string path = _folder.Combine("pack");
        return Directory.Exists(path) ? path : Make.Pack(path, 12);
    }
}
