namespace Tessera.Core;

/// <summary>
/// Opens files that users name. A pipe, a socket or a device is refused before it is opened: to open a pipe that nobody writes to waits for ever,
/// whatever Ctrl-C says, and a device has no end.
/// </summary>
public static class InputFile
{
    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="IOException">There is none, it is no ordinary file, or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static FileStream OpenRead(string path)
    {
        Require(path);
        return File.OpenRead(path);
    }

    /// <summary>Passes where a path leads to an ordinary file, or to nothing that the system tells of; opening it then says why.</summary>
    /// <exception cref="IOException">It is a pipe, a socket or a device.</exception>
    public static void Require(string path)
    {
        if (FileStatus.Of(path).Kind is FileKind.Special)
        {
            throw new IOException($"'{path}' is a pipe, a socket or a device. Give an ordinary file.");
        }
    }

    /// <summary>The content of a file whose length is bounded.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">Bytes that are read at most.</param>
    /// <exception cref="IOException">There is none, it is no ordinary file, it cannot be read, or it is longer.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static byte[] ReadAllBytes(string path, int most)
    {
        using FileStream file = OpenRead(path);
        if (file.Length > most)
        {
            throw new IOException($"'{path}' has {file.Length} bytes; at most {most} are read.");
        }

        // The length decides how much is read: a file that grows meanwhile has no end of its own.
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }
}
