using System.IO.Compression;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>A file in a ZIP archive, with a name that was found harmless.</summary>
/// <param name="Entry">The archive's entry.</param>
/// <param name="RelativePath">Its path below the folder to which the archive is unpacked.</param>
internal sealed record ArchivedFile(ZipArchiveEntry Entry, string RelativePath)
{
    // The largest official package, 324 GB of video, has 150,000 files, none larger than a few megabytes; images and JSON shrink by a tenth to a twentieth.
    private const int MostFiles = 2_000_000;
    private const long MostFileBytes = 1L << 30;
    private const long AlwaysAllowedBytes = 1L << 30;
    private const int MostRatio = 100;

    private const int TypeMask = 0xF000, NoType = 0, RegularType = 0x8000, FolderType = 0x4000;

    /// <summary>Lists the files of an archive after looking at every name, kind and size: nothing has been written when one of them is refused.</summary>
    /// <param name="zip">The archive.</param>
    /// <param name="archive">Its path, for messages and for its size.</param>
    /// <param name="folder">Where it is to be unpacked.</param>
    /// <exception cref="BadFileException">The archive would write outside of the folder or over another of its files, holds something else than files, or is a bomb.</exception>
    public static IReadOnlyList<ArchivedFile> List(ZipArchive zip, string archive, string folder)
    {
        var files = new List<ArchivedFile>();
        var taken = new Dictionary<string, bool>(StringComparer.OrdinalIgnoreCase);
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            string name = entry.FullName;
            bool isFolder = name.EndsWith('/');
            string[] parts = (isFolder ? name[..^1] : name).Split('/');
            if (!parts.All(IsHarmless))
            {
                throw Refused(archive, name, "leads out of the folder");
            }

            CheckKind(entry, isFolder, archive);
            Take(parts, isFolder, taken, archive, name);
            if (!isFolder)
            {
                files.Add(new ArchivedFile(entry, Path.Combine(parts)));
            }
        }

        CheckSizes(files, archive);
        CheckPlaces(taken, folder);
        return files;
    }

    private static bool IsHarmless(string part) =>
        part is not ("" or "." or "..") && !part.Contains('\\') && !part.Contains(':') && !part.Any(char.IsControl);

    private static void CheckKind(ZipArchiveEntry entry, bool isFolder, string archive)
    {
        int type = (entry.ExternalAttributes >> 16) & TypeMask;
        if (type is not NoType && type != (isFolder ? FolderType : RegularType))
        {
            throw Refused(archive, entry.FullName, "is a link or something else than a file or a folder");
        }

        if (entry.IsEncrypted)
        {
            throw Refused(archive, entry.FullName, "is encrypted");
        }
    }

    /// <summary>Notes a name and the folders above it. Names that differ in case only are one name to some file systems.</summary>
    private static void Take(string[] parts, bool isFolder, Dictionary<string, bool> taken, string archive, string name)
    {
        for (int i = 1; i <= parts.Length; i++)
        {
            bool folderHere = i < parts.Length || isFolder;
            string path = Path.Combine(parts[..i]);
            if (!taken.TryAdd(path, folderHere) && !(folderHere && taken[path]))
            {
                throw Refused(archive, name, "stands there twice, perhaps but for upper and lower case");
            }
        }
    }

    private static void CheckSizes(List<ArchivedFile> files, string archive)
    {
        if (files.Count is 0 or > MostFiles)
        {
            throw new BadFileException($"{archive} holds {files.Count} files; a package has 1 to {MostFiles}. Nothing was unpacked.");
        }

        if (files.MaxBy(file => file.Entry.Length) is { } largest && largest.Entry.Length > MostFileBytes)
        {
            throw Refused(archive, largest.Entry.FullName, $"is stated to have {largest.Entry.Length} bytes, more than any file of Cityscapes");
        }

        long total = files.Sum(file => file.Entry.Length), packed = new FileInfo(archive).Length;
        if (total > AlwaysAllowedBytes && total / MostRatio > packed)
        {
            throw new BadFileException($"{archive} has {packed} bytes and states to hold {total}, more than {MostRatio} times as many; no package of Cityscapes shrinks so far. Nothing was unpacked; do not use this archive.");
        }
    }

    /// <summary>Where something is there already, a folder must be a folder and a file a file.</summary>
    private static void CheckPlaces(Dictionary<string, bool> taken, string folder)
    {
        foreach ((string path, bool isFolder) in taken)
        {
            string place = Path.Combine(folder, path);
            if (isFolder ? File.Exists(place) : Directory.Exists(place))
            {
                throw new BadFileException($"{place} is a {(isFolder ? "file" : "folder")}, and the archive has a {(isFolder ? "folder" : "file")} of that name. Move it away or choose another folder; nothing was unpacked.");
            }
        }
    }

    private static BadFileException Refused(string archive, string name, string problem) =>
        new($"{archive} holds the name \"{new string([.. name.Select(c => char.IsControl(c) ? '?' : c)])}\", which {problem}. Nothing was unpacked; do not use this archive.");
}
