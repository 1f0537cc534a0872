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
    private const int BufferBytes = 1 << 16;

    /// <summary>
    /// Writes every file of the archive below <paramref name="root"/>. Names, kinds and sizes are checked before the first file is written; each file's
    /// length and CRC-32 are checked while it is unpacked into a hidden folder. Only when all of them are right do they move to their places, where they
    /// replace older ones: an archive that is damaged, a full disk or an interruption leaves the root as it was.
    /// </summary>
    /// <returns>The number of files written.</returns>
    /// <exception cref="BadFileException">The archive is missing, damaged or not to be trusted, or the disk is full.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> ended it.</exception>
    public static int Unpack(string archive, string root, IProgress<UnpackProgress>? progress = null, CancellationToken cancel = default) =>
        Unpack(archive, root, progress, folder => new DriveInfo(folder).AvailableFreeSpace, cancel);

    /// <summary>The same with the free bytes of a folder's disk given, so that tests can play a small one.</summary>
    internal static int Unpack(string archive, string root, IProgress<UnpackProgress>? progress, Func<string, long> freeBytes, CancellationToken cancel)
    {
        string folder = Path.GetFullPath(root);
        try
        {
            InputFile.Require(archive);
            using ZipArchive zip = ZipFile.OpenRead(archive);
            IReadOnlyList<ArchivedFile> files = ArchivedFile.List(zip, archive, folder);
            Directory.CreateDirectory(folder);
            CheckSpace(files, folder, archive, freeBytes);
            using var unfinished = new UnfinishedFolder(Path.Combine(folder, $".unpacking-{Path.GetFileName(archive)}"), DiskCalls.Real);
            for (int i = 0; i < files.Count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                Write(files[i], unfinished.Data);
                progress?.Report(new UnpackProgress(i + 1, files.Count));
            }

            MoveInto(folder, unfinished.Data);
            return files.Count;
        }
        catch (InvalidDataException fault)
        {
            throw new BadFileException($"{archive} is damaged: {fault.Message} Nothing was unpacked. Remove it and download it again.", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot unpack {archive} to {folder}: {fault.Message} Check the archive, the folder's rights and its free space, then run the command again.", fault);
        }
    }

    private static void CheckSpace(IReadOnlyList<ArchivedFile> files, string folder, string archive, Func<string, long> freeBytes)
    {
        long needed = files.Sum(file => file.Entry.Length), free = freeBytes(folder);
        if (needed > free)
        {
            throw new BadFileException($"{folder} has {free} bytes free, and {archive} needs {needed} unpacked. Free some space or choose another folder; nothing was unpacked.");
        }
    }

    /// <summary>Writes one file; not more than the archive states, whatever its data hold.</summary>
    private static void Write(ArchivedFile file, string folder)
    {
        string target = Path.Combine(folder, file.RelativePath);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using Stream packed = file.Entry.Open();
        using FileStream unpacked = new(target, FileMode.CreateNew, FileAccess.Write);
        var crc = new Crc32();
        byte[] buffer = new byte[BufferBytes];
        long length = 0;
        for (int count; (count = packed.Read(buffer)) > 0 && (length += count) <= file.Entry.Length;)
        {
            crc.Append(buffer.AsSpan(0, count));
            unpacked.Write(buffer, 0, count);
        }

        if (length != file.Entry.Length)
        {
            throw new InvalidDataException($"{file.Entry.FullName} has another length than the {file.Entry.Length} bytes that the archive states.");
        }

        if (crc.Value != file.Entry.Crc32)
        {
            throw new InvalidDataException($"{file.Entry.FullName} has the checksum (CRC-32) {crc.Value:x8} where the archive states {file.Entry.Crc32:x8}.");
        }

        Durability.Flush(unpacked);
    }

    /// <summary>Moves what a folder holds to another one; what is there already and not replaced stays.</summary>
    private static void MoveInto(string target, string folder)
    {
        foreach (string path in Directory.EnumerateDirectories(folder))
        {
            string place = Path.Combine(target, Path.GetFileName(path));
            if (Directory.Exists(place))
            {
                MoveInto(place, path);
            }
            else
            {
                Directory.Move(path, place);
            }
        }

        foreach (string path in Directory.EnumerateFiles(folder))
        {
            File.Move(path, Path.Combine(target, Path.GetFileName(path)), overwrite: true);
        }

        Durability.FlushFolder(target);
    }
}
