using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Demo;

/// <summary>The folder of the demonstration, and where its parts lie. A mark tells it from a folder that is somebody else's, a lock keeps a second demonstration out.</summary>
internal sealed class DemoFolder : IDisposable
{
    private const string Mark = ".tessera-demo";

    private readonly RunLock _lock;

    private DemoFolder(string path, RunLock held) => (Path, _lock) = (path, held);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The drawn streets in the layout of Cityscapes.</summary>
    public string Streets => System.IO.Path.Combine(Path, "streets");

    /// <summary>Checkpoints, history, compiled model and ONNX files.</summary>
    public string Run => System.IO.Path.Combine(Path, "run");

    /// <summary>Class maps and overlays.</summary>
    public string Pictures => System.IO.Path.Combine(Path, "pictures");

    /// <summary>Images, truth and predictions beside each other.</summary>
    public string ContactSheet => System.IO.Path.Combine(Path, "contact-sheet.png");

    /// <summary>The pack of a split.</summary>
    public string Pack(string split) => System.IO.Path.Combine(Path, $"{split}_lmdb");

    /// <summary>Makes the folder anew. An earlier demonstration in it is removed; anything else is left alone.</summary>
    /// <exception cref="UsageException">The folder holds something that no demonstration made.</exception>
    /// <exception cref="BadFileException">Another demonstration works in the folder, or it cannot be written.</exception>
    public static DemoFolder Create(string path)
    {
        string mark = System.IO.Path.Combine(path, Mark);
        try
        {
            if (File.Exists(path) || (Directory.Exists(path) && !File.Exists(mark) && Directory.EnumerateFileSystemEntries(path).Any(entry => !RunLock.IsOwnFile(entry))))
            {
                throw new UsageException($"{path} exists and is not the folder of an earlier demonstration. Give another one with --out.");
            }

            RunLock held = RunLock.Acquire(path, "--out DIR");
            try
            {
                File.WriteAllText(mark, "The next `tessera demo` with this folder removes it with all that is in it.\n");
                RemoveEarlier(path, mark);
                return new DemoFolder(path, held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"The folder {path} cannot be made: {fault.Message} Give another one with --out.", fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static void RemoveEarlier(string path, string mark)
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(path).Where(entry => entry != mark && !RunLock.IsOwnFile(entry)))
        {
            if (File.GetAttributes(entry) is var attributes && attributes.HasFlag(FileAttributes.Directory) && !attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                Directory.Delete(entry, recursive: true);
            }
            else
            {
                File.Delete(entry);
            }
        }
    }
}
