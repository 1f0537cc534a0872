using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>Packs a data set to LMDB: decoding in parallel, one writer, records in the sorted order of the layout.</summary>
public static class Packer
{
    /// <summary>Packs one split to <c>{target}/{split}_lmdb</c>. Sizes and label values are checked on the way.</summary>
    /// <param name="options">What to pack.</param>
    /// <param name="progress">Told after each record.</param>
    /// <param name="cancellation">Ends the run; nothing is left behind and an older pack stays.</param>
    /// <exception cref="UsageException">An option is wrong.</exception>
    /// <exception cref="BadFileException">A file is missing, damaged or wrong, or the target cannot be written; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static PackResult Run(PackOptions options, IProgress<PackProgress>? progress = null, CancellationToken cancellation = default) =>
        Run(options, progress, DiskCalls.Real, cancellation);

    /// <summary>The same with the system's calls given, so that tests can let them fail.</summary>
    internal static PackResult Run(PackOptions options, IProgress<PackProgress>? progress, DiskCalls disk, CancellationToken cancellation)
    {
        Check(options);
        SegmentationLayout layout = options.Layout ?? SegmentationLayout.Cityscapes(options.SrcDataDir);
        LayoutListing listing = layout.ScanComplete(options.SplitName);
        IReadOnlyList<ImageLabelPair> pairs = listing.Pairs;
        int total = Math.Min(pairs.Count, options.NumSamples ?? int.MaxValue);
        string target = options.TargetDataDir.Length > 0 ? options.TargetDataDir : options.SrcDataDir;
        string path = Path.Combine(target, $"{options.SplitName}_lmdb");
        var encoder = new SampleEncoder(layout.Encoding, options);
        long start = Stopwatch.GetTimestamp();
        using var writer = new LmdbPackWriter(path, layout.Encoding, options.ImageCodec, options.Resize, disk);

        // Chunks bound the memory: at most a few encoded images per worker wait for the writer.
        int workers = Math.Max(1, options.NumWorkers);
        var records = new byte[workers * 4][];
        for (int first = 0; first < total; first += records.Length)
        {
            int count = Math.Min(records.Length, total - first);
            EncodeChunk(encoder, pairs, first, records.AsMemory(0, count), workers, cancellation);
            for (int i = 0; i < count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                writer.Add(records[i], pairs[first + i].Name);
                progress?.Report(new PackProgress(writer.Count, total, writer.Length, Stopwatch.GetElapsedTime(start)));
            }
        }

        PackManifest manifest = writer.Complete();
        return new PackResult(path, total, new FileInfo(Path.Combine(path, LmdbStore.DataFile)).Length, manifest) { Notes = listing.Notes, LeftBehind = writer.LeftBehind };
    }

    private static void Check(PackOptions options)
    {
        if (!options.PackType.Equals("lmdb", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"The pack type '{options.PackType}' does not exist; use lmdb.");
        }

        if (options.NumSamples < 1)
        {
            throw new UsageException($"The number of samples is {options.NumSamples}; it must be at least 1.");
        }

        if (options.JpegQuality is < 1 or > 100)
        {
            throw new UsageException($"The JPEG quality is {options.JpegQuality}; it must be 1 to 100.");
        }

        if (options.Resize is { } size && (size.Height is < 1 or > ushort.MaxValue || size.Width is < 1 or > ushort.MaxValue))
        {
            throw new UsageException($"The size {size.Height}x{size.Width} cannot be packed; each side must be 1 to 65535.");
        }

        ImageLimit.Require(options.MaxMegapixels);
    }

    private static void EncodeChunk(SampleEncoder encoder, IReadOnlyList<ImageLabelPair> pairs, int start, Memory<byte[]> records, int workers, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(0, records.Length, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation }, i =>
                records.Span[i] = encoder.Encode(pairs[start + i]));
        }
        catch (AggregateException faults)
        {
            // Several bad files may fail at once; one message is enough to act on.
            ExceptionDispatchInfo.Throw(faults.InnerExceptions.OfType<TesseraException>().FirstOrDefault() ?? faults.InnerExceptions[0]);
        }
    }

    /// <summary>A pair of files to a record.</summary>
    private sealed class SampleEncoder(LabelEncoding encoding, PackOptions options)
    {
        private readonly PackResize? _resize = options.Resize is { } size ? new PackResize(size, encoding) : null;

        public byte[] Encode(ImageLabelPair pair)
        {
            RgbImage image = ImageFile.ReadRgb(pair.ImagePath, options.MaxMegapixels);
            LabelImage label = encoding.Read(pair.LabelPath, options.MaxMegapixels);
            SampleRecord.CheckSizes(image.Height, image.Width, label.Height, label.Width, pair.ImagePath);
            if (_resize is not null)
            {
                (image, label) = _resize.Apply(image, label, pair.LabelPath);
            }

            return SampleRecord.Encode(image, label, pair.ImagePath, options.ImageCodec, options.JpegQuality);
        }
    }
}
