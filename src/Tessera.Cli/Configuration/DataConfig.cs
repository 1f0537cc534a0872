using System.Collections.Immutable;
using Tessera.Data;
using Tessera.Imaging;

namespace Tessera.Cli.Configuration;

/// <summary>A <c>data_loader</c> section: where the images are, how they are batched and prepared.</summary>
public sealed record DataLoaderConfig
{
    private static readonly TypeTable<DatasetConfig> Datasets = new(
        "dataset",
        new TypeTable<DatasetConfig>.Entry("Cityscapes", DatasetConfig.Read, "CityscapesFromLMDB"));

    /// <summary>Where the samples are.</summary>
    public required DatasetConfig Dataset { get; init; }

    /// <summary>Images in a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Threads that decode and prepare images; 0 takes as many as there are cores.</summary>
    public required int NumWorkers { get; init; }

    /// <summary>A new order in every epoch.</summary>
    public required bool Shuffle { get; init; }

    /// <summary>How images and labels are prepared.</summary>
    public required TransformsConfig Transforms { get; init; }

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="inputSize">Height and width of the network's input, which bound the batch.</param>
    /// <param name="isTraining">Whether its images are trained on.</param>
    internal static DataLoaderConfig Read(ConfigSection section, ImmutableArray<int> inputSize, bool isTraining) => new()
    {
        Dataset = section.Section("dataset").Typed(Datasets, "Cityscapes"),
        BatchSize = ReadBatchSize(section, inputSize, isTraining ? 4 : 1),
        NumWorkers = section.Int("num_workers", 0, 0, 256),
        Shuffle = section.Flag("shuffle", isTraining),
        Transforms = TransformsConfig.Read(section, isTraining),
    };

    private static int ReadBatchSize(ConfigSection section, ImmutableArray<int> inputSize, int missing)
    {
        int size = section.Int("batch_size", missing, 1, 1024), most = LoaderOptions.MostBatchSize(Math.Max(1, inputSize[0]), Math.Max(1, inputSize[1]));
        if (size > most)
        {
            section.Report("batch_size", $"is {size}; a batch of images of input_size [{inputSize[0]}, {inputSize[1]}] has at most {most}.");
        }

        return size;
    }
}

/// <summary>A <c>dataset</c> section.</summary>
/// <param name="DataPath">A pack made by <c>tessera pack</c>, or by HAT; relative to the current folder.</param>
public sealed record DatasetConfig(string DataPath)
{
    /// <summary>Reads the section.</summary>
    internal static DatasetConfig Read(ConfigSection section) => new(section.Text("data_path"));
}

/// <summary>
/// A <c>transforms</c> list. Its order is fixed, because the network's int8 input depends on it: LabelRemap, SegResize, SegRandomAffine
/// (training only, optional), ImageBgrToYuv444, ImageNormalize, Scale (training only).
/// </summary>
/// <param name="Affine">The random scaling; null for none.</param>
/// <param name="Swing">The colour conversion.</param>
public sealed record TransformsConfig(RandomAffineConfig? Affine, YuvSwing Swing)
{
    private static readonly string[] Order = ["LabelRemap", "SegResize", "SegRandomAffine", "ImageBgrToYuv444", "ImageNormalize", "Scale"];

    private static readonly TypeTable<Transform> Transforms = new(
        "transform",
        new TypeTable<Transform>.Entry(Order[0], _ => new Transform(Order[0])),
        new TypeTable<Transform>.Entry(Order[1], _ => new Transform(Order[1])),
        new TypeTable<Transform>.Entry(Order[2], section => new Transform(Order[2]) { Affine = RandomAffineConfig.Read(section) }),
        new TypeTable<Transform>.Entry(
            Order[3],
            section => new Transform(Order[3]) { Swing = section.Choice<YuvSwing>("swing", YuvSwing.Full, ("full", YuvSwing.Full), ("studio_subsampled", YuvSwing.StudioSubsampled)) },
            "BgrToYuv444"),
        new TypeTable<Transform>.Entry(Order[4], ReadNormalize),
        new TypeTable<Transform>.Entry(Order[5], _ => new Transform(Order[5])));

    /// <summary>Reads the list.</summary>
    internal static TransformsConfig Read(ConfigSection loader, bool isTraining)
    {
        int problems = loader.ProblemCount;
        ImmutableArray<Transform> given = [.. loader.Sections("transforms").Select(section => section.Typed(Transforms))];
        string[] wanted = [.. Order.Where(name => (isTraining || name is not ("SegRandomAffine" or "Scale")) && (name != "SegRandomAffine" || given.Any(transform => transform.Name == name)))];
        if (loader.ProblemCount == problems && !given.Select(transform => transform.Name).SequenceEqual(wanted))
        {
            loader.Report("transforms", $"are {(given.IsEmpty ? "not given" : string.Join(", ", given.Select(transform => transform.Name)))}; they must be {string.Join(", ", wanted)}, in this order.");
        }

        return new TransformsConfig(
            given.Select(transform => transform.Affine).FirstOrDefault(affine => affine is not null),
            given.Select(transform => transform.Swing).FirstOrDefault(swing => swing is not null) ?? YuvSwing.Full);
    }

    private static Transform ReadNormalize(ConfigSection section)
    {
        // (x - 128) / 128 is what makes the image exactly int8 at scale 1/128; nothing else can be quantized without loss.
        _ = section.Number("mean", 128, 128, 128);
        _ = section.Number("std", 128, 128, 128);
        return new Transform("ImageNormalize");
    }

    private sealed record Transform(string Name)
    {
        public RandomAffineConfig? Affine { get; init; }

        public YuvSwing? Swing { get; init; }
    }
}

/// <summary>The <c>SegRandomAffine</c> transform: scaling about the image's centre.</summary>
/// <param name="MinScale">Smallest factor.</param>
/// <param name="MaxScale">Largest factor.</param>
/// <param name="PerImage">Each image draws its own factor; false is HAT's way, one factor for the whole batch.</param>
public sealed record RandomAffineConfig(double MinScale, double MaxScale, bool PerImage)
{
    /// <summary>Reads the transform's keys.</summary>
    internal static RandomAffineConfig Read(ConfigSection section)
    {
        ImmutableArray<double> scale = section.Numbers("scale", [0.5, 2.0], 2, 0.05, 20);
        if (scale[0] > scale[1])
        {
            section.Report("scale", $"is [{scale[0]}, {scale[1]}]; the first value must not be larger than the second.");
        }

        return new RandomAffineConfig(scale[0], scale[1], section.Flag("per_image", false));
    }
}
