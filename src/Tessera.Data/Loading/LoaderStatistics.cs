using System.Globalization;

namespace Tessera.Data;

/// <summary>What an epoch's speed hangs on.</summary>
public enum LoaderBottleneck
{
    /// <summary>The network; batches wait for it.</summary>
    Compute,

    /// <summary>Reading records from the disk.</summary>
    Read,

    /// <summary>Decoding images.</summary>
    Decode,

    /// <summary>Resize, augmentation, colour conversion and coarse labels.</summary>
    Augment,
}

/// <summary>Who waited for whom in an epoch. Read, Decode and Augment are sums over all workers.</summary>
/// <param name="Samples">Samples prepared.</param>
/// <param name="ConsumerWait">Time that the consumer waited for batches.</param>
/// <param name="WorkerWait">Time that workers waited for the consumer to take batches.</param>
/// <param name="Read">Reading records from the pack.</param>
/// <param name="Decode">Decoding images and replacing label ids.</param>
/// <param name="Augment">Resize, augmentation, colour conversion, coarse labels.</param>
public readonly record struct LoaderStatistics(
    long Samples, TimeSpan ConsumerWait, TimeSpan WorkerWait, TimeSpan Read, TimeSpan Decode, TimeSpan Augment)
{
    /// <summary>Above this share of waiting the loader, not the network, sets the pace.</summary>
    public const double MostWaiting = 0.03;

    /// <summary>Time since the epoch's start, or of the whole epoch once it has ended.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Threads that prepare samples; 0: the consumer's own.</summary>
    public int Workers { get; init; }

    /// <summary>The share of the epoch that the consumer waited, 0 to 1.</summary>
    public double WaitShare => Elapsed > TimeSpan.Zero ? Math.Min(1, ConsumerWait / Elapsed) : 0;

    /// <summary>Samples per second; 0 before the first.</summary>
    public double Rate => Elapsed > TimeSpan.Zero ? Samples / Elapsed.TotalSeconds : 0;

    /// <summary>The side that everybody waits for: the longest of the loader's phases where the consumer waits, else the consumer's computing.</summary>
    public LoaderBottleneck Bottleneck =>
        WaitShare <= MostWaiting ? LoaderBottleneck.Compute
        : Decode >= Read && Decode >= Augment ? LoaderBottleneck.Decode
        : Augment >= Read ? LoaderBottleneck.Augment
        : LoaderBottleneck.Read;

    /// <summary>The setting to change; empty where the loader keeps up.</summary>
    public string Advice
    {
        get
        {
            string more = Workers < Environment.ProcessorCount
                ? string.Create(CultureInfo.InvariantCulture, $"raise num_workers (now {Workers}; this machine has {Environment.ProcessorCount} cores)")
                : "use a machine with more cores";
            return Bottleneck switch
            {
                LoaderBottleneck.Read => "put the pack on a faster disk, or pack with --image-codec png or jpeg",
                LoaderBottleneck.Decode => $"{more}, or pack with --resize H,W or --image-codec raw or lz4",
                LoaderBottleneck.Augment => $"{more}, or pack with --resize H,W",
                _ => "",
            };
        }
    }

    /// <summary>The part of an epoch line: <c>data wait 1.2 % (compute-bound)</c>, or what the bottleneck is; <see cref="Advice"/> says what to do.</summary>
    public override string ToString()
    {
        string wait = string.Create(CultureInfo.InvariantCulture, $"data wait {WaitShare * 100:F1} %");
        return Bottleneck == LoaderBottleneck.Compute ? $"{wait} (compute-bound)" : $"{wait} (bottleneck: {Bottleneck.ToString().ToLowerInvariant()})";
    }
}
