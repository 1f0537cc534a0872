using System.Runtime.ExceptionServices;
using Tessera.Core;
using Tessera.Data;

namespace Tessera.Synthetic;

/// <summary>Writes synthetic streets as files in the exact layout of Cityscapes.</summary>
public static class SyntheticDataset
{
    /// <summary>Draws and writes a data set. It is built beside its place and moved there whole: an interrupted run leaves no half of one.</summary>
    /// <param name="options">What to write.</param>
    /// <param name="progress">Told after each scene, from any thread, with rising counts.</param>
    /// <param name="cancellation">Ends the run; nothing is left behind.</param>
    /// <exception cref="UsageException">An option is out of its range, or the target already holds something.</exception>
    /// <exception cref="BadFileException">The target cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static SyntheticResult Write(SyntheticOptions options, IProgress<SyntheticProgress>? progress = null, CancellationToken cancellation = default) =>
        Write(options, progress, DiskCalls.Real, cancellation);

    /// <summary>The same with the system's calls given, so that tests can let them fail.</summary>
    internal static SyntheticResult Write(SyntheticOptions options, IProgress<SyntheticProgress>? progress, DiskCalls disk, CancellationToken cancellation)
    {
        SceneOptions.CheckSize("height", options.Height);
        SceneOptions.CheckSize("width", options.Width);
        CheckCount("training", options.NumTrain);
        CheckCount("validation", options.NumVal);
        CheckTarget(options.TargetDir);
        using var folder = new UnfinishedFolder(options.TargetDir, disk);
        int total = options.NumTrain + options.NumVal, done = 0;
        long bytes = 0;
        var counting = new Lock();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.NumWorkers), CancellationToken = cancellation };
        try
        {
            Parallel.For(0, total, parallel, i =>
            {
                long size = WriteScene(folder, options, i < options.NumTrain ? "train" : "val", i < options.NumTrain ? i : i - options.NumTrain);
                lock (counting)
                {
                    bytes += size;
                    progress?.Report(new SyntheticProgress(++done, total, bytes));
                }
            });
        }
        catch (AggregateException faults) when (faults.InnerExceptions.OfType<TesseraException>().FirstOrDefault() is { } fault)
        {
            // A full disk fails every worker; one message is enough to act on.
            ExceptionDispatchInfo.Throw(fault);
        }

        return new SyntheticResult(folder.Complete(), options.NumTrain, options.NumVal, bytes) { LeftBehind = folder.LeftBehind };
    }

    private static void CheckTarget(string path)
    {
        if (path.Length == 0)
        {
            throw new UsageException("No target folder was given; name one that does not exist yet.");
        }

        try
        {
            if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
            {
                throw new UsageException($"The target {Path.GetFullPath(path)} already holds data, which is never overwritten; choose another folder or remove it.");
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot look into the target {path}: {fault.Message} Choose a folder that you may read and write.", fault);
        }
    }

    private static long WriteScene(UnfinishedFolder folder, SyntheticOptions options, string split, int index)
    {
        (RgbImage image, byte[] labelIds) = SyntheticStreets.Draw(
            new SceneOptions { Seed = options.Seed, Split = split, Index = index, Height = options.Height, Width = options.Width });
        string name = SyntheticCities.SceneName(split, index), city = name[..name.IndexOf('_', StringComparison.Ordinal)];
        byte[] colour = ImageFile.EncodeRgb(image.Pixels, image.Height, image.Width), label = ImageFile.EncodeGray(labelIds, image.Height, image.Width);
        folder.Add(Path.Combine("leftImg8bit", split, city, $"{name}_leftImg8bit.png"), colour);
        folder.Add(Path.Combine("gtFine", split, city, $"{name}_gtFine_labelIds.png"), label);
        return colour.Length + label.Length;
    }

    private static void CheckCount(string split, int count)
    {
        if (count is < 1 or > SyntheticOptions.MostScenes)
        {
            throw new UsageException($"The number of {split} scenes is {count}; it must be from 1 to {SyntheticOptions.MostScenes}.");
        }
    }
}
