using System.Runtime.ExceptionServices;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>Packs a Cityscapes folder to LMDB: decoding in parallel, one writer, records in the sorted order of the layout.</summary>
public static class Packer
{
    /// <summary>Packs one split to <c>{target}/{split}_lmdb</c>. Sizes and label ids are checked on the way.</summary>
    /// <param name="options">What to pack.</param>
    /// <param name="progress">Told after each record.</param>
    /// <param name="cancellation">Ends the run; nothing is left behind and an older pack stays.</param>
    /// <exception cref="UsageException">The pack type, split or number of samples is wrong.</exception>
    /// <exception cref="BadFileException">A file is missing, damaged or wrong, or the target cannot be written; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static PackResult Run(PackOptions options, IProgress<PackProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (!options.PackType.Equals("lmdb", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"The pack type '{options.PackType}' does not exist; use lmdb.");
        }

        if (options.NumSamples < 1)
        {
            throw new UsageException($"The number of samples is {options.NumSamples}; it must be at least 1.");
        }

        IReadOnlyList<ImageLabelPair> pairs = CityscapesLayout.List(options.SrcDataDir, options.SplitName);
        int total = Math.Min(pairs.Count, options.NumSamples ?? int.MaxValue);
        string target = options.TargetDataDir.Length > 0 ? options.TargetDataDir : options.SrcDataDir;
        string path = Path.Combine(target, $"{options.SplitName}_lmdb");
        using var writer = new LmdbPackWriter(path);

        // Chunks bound the memory: at most a few encoded images per worker wait for the writer.
        int workers = Math.Max(1, options.NumWorkers);
        var records = new byte[workers * 4][];
        for (int start = 0; start < total; start += records.Length)
        {
            int count = Math.Min(records.Length, total - start);
            EncodeChunk(pairs, start, records.AsMemory(0, count), workers, cancellation);
            for (int i = 0; i < count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                writer.Add(records[i], pairs[start + i].Name);
                progress?.Report(new PackProgress(writer.Count, total, writer.Length));
            }
        }

        writer.Complete();
        return new PackResult(path, total, new FileInfo(Path.Combine(path, LmdbStore.DataFile)).Length);
    }

    private static void EncodeChunk(IReadOnlyList<ImageLabelPair> pairs, int start, Memory<byte[]> records, int workers, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(0, records.Length, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation }, i =>
                records.Span[i] = Encode(pairs[start + i]));
        }
        catch (AggregateException faults) when (faults.InnerExceptions.OfType<TesseraException>().FirstOrDefault() is { } fault)
        {
            // Several bad files may fail at once; one message is enough to act on.
            ExceptionDispatchInfo.Throw(fault);
        }
    }

    private static byte[] Encode(ImageLabelPair pair)
    {
        RgbImage image = ImageFile.ReadRgb(pair.ImagePath);
        LabelImage label = ImageFile.ReadLabel(pair.LabelPath);
        CityscapesLabels.ToTrainIds.Check(label.Values, label.Width, pair.LabelPath);
        return SampleRecord.Encode(image, label, pair.ImagePath);
    }
}
