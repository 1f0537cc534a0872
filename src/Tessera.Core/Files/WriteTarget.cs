using System.Globalization;

namespace Tessera.Core;

/// <summary>Where a path really leads, and whether what is there is replaced or written to.</summary>
/// <param name="Path">The full path, links followed: the place of the file itself.</param>
/// <param name="Descriptor">The number of an open file of this process that the path stands for (<c>/dev/stdout</c>, <c>/dev/fd/3</c>); else null.</param>
/// <param name="Status">What is there.</param>
internal readonly record struct WriteTarget(string Path, int? Descriptor, FileStatus Status)
{
    // The system's own limit (MAXSYMLINKS, ELOOP).
    private const int MostLinks = 40;

    /// <summary>Whether it is written to as it is: an open file, a device or a pipe has no content that could be replaced.</summary>
    public bool IsInPlace => Descriptor is not null || Status.Kind == FileKind.Special;

    /// <summary>Looks at a path.</summary>
    /// <exception cref="IOException">It is a folder, no path at all, or links in a circle.</exception>
    public static WriteTarget Of(string path)
    {
        string current = Resolve(path);
        if (DescriptorOf(current) is { } descriptor)
        {
            return new WriteTarget(current, descriptor, default);
        }

        if (OperatingSystem.IsWindows() && current.StartsWith(@"\\.\", StringComparison.Ordinal))
        {
            return new WriteTarget(current, null, new FileStatus(FileKind.Special, default, uint.MaxValue, uint.MaxValue));
        }

        FileStatus status = FileStatus.Of(current);
        return status.Kind == FileKind.Folder || System.IO.Path.GetFileName(current).Length == 0
            ? throw new IOException($"It is a folder; give the name of a file: '{current}'.")
            : new WriteTarget(current, null, status);
    }

    /// <summary>The full path with the links at its end followed, be it to nothing; a link to an open file of this process is kept.</summary>
    /// <exception cref="IOException">It is no path, or links in a circle.</exception>
    public static string Resolve(string path)
    {
        string current = FullPath(path);
        for (int links = 0; DescriptorOf(current) is null && new FileInfo(current).LinkTarget is { } link; links++)
        {
            current = links < MostLinks ? Follow(current, link) : throw new IOException($"Its links lead in a circle: '{path}'.");
        }

        return current;
    }

    private static string FullPath(string path)
    {
        try
        {
            return System.IO.Path.GetFullPath(path);
        }
        catch (ArgumentException)
        {
            throw new IOException($"It is no path; give the name of a file: '{path}'.");
        }
    }

    /// <summary>
    /// The place that a link names. <c>..</c> behind a linked folder means the folder above the one that it leads to, which .NET, working on
    /// the text alone, does not know.
    /// </summary>
    private static string Follow(string path, string link)
    {
        string raw = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, link);
        return LibC.IsHere && LibC.RealPath(System.IO.Path.GetDirectoryName(raw) ?? raw) is { } folder
            ? System.IO.Path.Combine(folder, System.IO.Path.GetFileName(raw))
            : System.IO.Path.GetFullPath(raw);
    }

    /// <summary>Links to open files name what was opened, which may have another name by now, or none: they stand for the open file itself.</summary>
    private static int? DescriptorOf(string path)
    {
        if (!LibC.IsHere)
        {
            return null;
        }

        string process = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        string? number = path switch
        {
            "/dev/stdout" => "1",
            "/dev/stderr" => "2",
            _ => new[] { "/dev/fd/", "/proc/self/fd/", $"/proc/{process}/fd/" }
                .Where(prefix => path.StartsWith(prefix, StringComparison.Ordinal)).Select(prefix => path[prefix.Length..]).FirstOrDefault(),
        };
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor) ? descriptor : null;
    }
}
