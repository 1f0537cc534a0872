using Tessera.Core;
using Tessera.Imaging;

namespace Tessera.Data;

/// <summary>How a <see cref="BatchLoader"/> makes batches.</summary>
public sealed record LoaderOptions
{
    private const int MostWorkers = 1024;
    private const int MostPrefetch = 1 << 16;

    /// <summary>Images per batch, at least 1; the last batch of an epoch may hold fewer. Default 4.</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>Threads that read, decode and transform ahead; 0: the consumer's own thread does it. Default 2.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Batches that may be ready or in work ahead of the consumer, at least 1. It bounds the memory. Default 3.</summary>
    public int Prefetch { get; init; } = 3;

    /// <summary>Whether each epoch has its own random order. Default false: stored order.</summary>
    public bool Shuffle { get; init; }

    /// <summary>Seed of the order and of the augmentation. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>This process among those that share an epoch, from 0. Default 0.</summary>
    public int Rank { get; init; }

    /// <summary>Number of processes that share an epoch. Default 1.</summary>
    public int WorldSize { get; init; } = 1;

    /// <summary>Rows of the network's input, at least 1. Default 1024.</summary>
    public int Height { get; init; } = 1024;

    /// <summary>Columns of the network's input, at least 1. Default 2048.</summary>
    public int Width { get; init; } = 2048;

    /// <summary>Applied in order after the resize. Default: none.</summary>
    public IReadOnlyList<IAugmentation> Augmentations { get; init; } = [];

    /// <summary>The colour conversion. Default full swing.</summary>
    public YuvSwing Swing { get; init; } = YuvSwing.Full;

    /// <summary>The strides for which batches carry labels, as training needs them; each must divide height and width. Default: none.</summary>
    public IReadOnlyList<int> LabelStrides { get; init; } = [];

    /// <summary>Whether samples carry their label at its original size, which evaluation at that size needs. Default false.</summary>
    public bool KeepOriginalLabel { get; init; }

    /// <summary>The most images of a size that a batch can hold, 0 where not even one fits: all their bytes lie in one array.</summary>
    /// <param name="height">Rows of the network's input, at least 1.</param>
    /// <param name="width">Columns of the network's input, at least 1.</param>
    public static int MostBatchSize(int height, int width) => (int)(Array.MaxLength / ((long)height * width * 3));

    /// <exception cref="UsageException">A value is out of its range.</exception>
    internal void Validate()
    {
        ImagePreparation.CheckInputSize(Height, Width, Swing);
        foreach (int stride in LabelStrides)
        {
            Require(stride >= 1 && Height % stride == 0 && Width % stride == 0, "label stride", stride, $"at least 1 and divide the input size {Height}x{Width}");
        }

        int most = MostBatchSize(Height, Width);
        if (most == 0)
        {
            throw new UsageException($"The input size {Height}x{Width} is too large: one image would have {(long)Height * Width * 3} bytes, and {Array.MaxLength} is the most.");
        }

        Require(BatchSize >= 1 && BatchSize <= most, "batch size", BatchSize, $"from 1 to {most} at an input size of {Height}x{Width}");
        Require(Workers is >= 0 and <= MostWorkers, "number of loader workers", Workers, $"from 0 to {MostWorkers}");
        Require(Prefetch is >= 1 and <= MostPrefetch, "number of prefetched batches", Prefetch, $"from 1 to {MostPrefetch}");
        Require(WorldSize >= 1, "world size", WorldSize, "at least 1");
        Require(Rank >= 0 && Rank < WorldSize, "rank", Rank, $"0 to {WorldSize - 1}");
    }

    private static void Require(bool holds, string what, int value, string range)
    {
        if (!holds)
        {
            throw new UsageException($"The {what} is {value}; it must be {range}.");
        }
    }
}
