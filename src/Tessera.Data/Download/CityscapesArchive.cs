using System.IO.Compression;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>How far unpacking is.</summary>
/// <param name="Done">Files written.</param>
/// <param name="Total">Files in the archive.</param>
public readonly record struct UnpackProgress(int Done, int Total);

/// <summary>
/// Unpacks a downloaded package. The packages hold <c>leftImg8bit/</c> or <c>gtFine/</c> at the top, so that one root folder for all of
/// them is the layout that <see cref="CityscapesLayout"/> reads.
/// </summary>
public static class CityscapesArchive
{
    private const string Beside = ".unpacking";

    /// <summary>
    /// Writes every file of the archive below <paramref name="root"/>, replacing older ones; each appears whole or not at all.
    /// All names are checked before the first file is written. After an interruption, run it again.
    /// </summary>
    /// <returns>The number of files written.</returns>
    /// <exception cref="BadFileException">The archive is missing or damaged, a name in it leads out of the folder, or the disk is full.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> ended it; the files so far stay.</exception>
    public static int Unpack(string archive, string root, IProgress<UnpackProgress>? progress = null, CancellationToken cancel = default)
    {
        string folder = Path.GetFullPath(root);
        try
        {
            using ZipArchive zip = ZipFile.OpenRead(archive);
            ZipArchiveEntry[] files = [.. zip.Entries.Where(entry => !entry.FullName.EndsWith('/'))];
            string[] targets = [.. files.Select(entry => TargetOf(entry, folder, archive))];
            CheckSpace(files, folder, archive);
            for (int i = 0; i < files.Length; i++)
            {
                cancel.ThrowIfCancellationRequested();
                Write(files[i], targets[i]);
                progress?.Report(new UnpackProgress(i + 1, files.Length));
            }

            return files.Length;
        }
        catch (InvalidDataException fault)
        {
            throw new BadFileException($"{archive} is damaged: {fault.Message} Remove it and download it again.", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot unpack {archive} to {folder}: {fault.Message} Check the archive, the folder's rights and its free space, then run the command again.", fault);
        }
    }

    private static string TargetOf(ZipArchiveEntry entry, string folder, string archive)
    {
        string[] parts = entry.FullName.Split('/');
        bool harmless = parts.All(part => part is not ("" or "." or "..") && !part.Contains('\\') && !part.Contains(':') && !part.Any(char.IsControl));
        return harmless
            ? Path.Combine([folder, .. parts])
            : throw new BadFileException($"{archive} holds the name \"{Printable(entry.FullName)}\", which leads out of the folder. Nothing was unpacked; do not use this archive.");
    }

    private static string Printable(string name) => new([.. name.Select(c => char.IsControl(c) ? '?' : c)]);

    private static void CheckSpace(ZipArchiveEntry[] files, string folder, string archive)
    {
        Directory.CreateDirectory(folder);
        long needed = files.Sum(entry => entry.Length);
        long free = new DriveInfo(folder).AvailableFreeSpace;
        if (needed > free)
        {
            throw new BadFileException($"{folder} has {free} bytes free, and {archive} needs {needed} unpacked. Free some space or choose another folder; nothing was unpacked.");
        }
    }

    /// <summary>Not <see cref="AtomicFile"/>: it waits for the disk, which over tens of thousands of files takes longer than unpacking them.</summary>
    private static void Write(ZipArchiveEntry entry, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        string beside = target + Beside;
        try
        {
            using (Stream packed = entry.Open())
            using (FileStream file = File.Create(beside))
            {
                packed.CopyTo(file);
                if (file.Length != entry.Length)
                {
                    throw new InvalidDataException($"{entry.FullName} has {file.Length} bytes instead of {entry.Length}.");
                }
            }

            File.Move(beside, target, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
