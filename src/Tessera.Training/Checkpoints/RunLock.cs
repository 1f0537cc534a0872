using System.Globalization;
using System.Security.Cryptography;
using Tessera.Core;

namespace Tessera.Training;

/// <summary>
/// Keeps a run's folder for one process. The lock is the operating system's on an open file, so it ends with the process, however that ends,
/// and holds between containers and users; the file itself is removed with it, and one that a killed process left is no obstacle.
/// </summary>
public sealed class RunLock : IDisposable
{
    private const string FileName = ".lock";
    private const string HolderName = ".lock-holder";

    // Others may remove the folder between any two calls that make it, look for it and open the file in it.
    private const int MostAttempts = 1000;

    // What .NET reports for a file that another holder has locked.
    private const int WouldBlockOnLinux = 11, WouldBlockOnMac = 35, SharingViolationOnWindows = unchecked((int)0x80070020);

    private readonly FileStream _file;
    private readonly string _folder;
    private readonly bool _isNew;

    private RunLock(FileStream file, string folder, bool isNew) => (_file, _folder, _isNew) = (file, folder, isNew);

    /// <summary>Whether a name in a run's folder belongs to the lock.</summary>
    public static bool IsOwnFile(string path) => Path.GetFileName(path) is FileName or HolderName;

    /// <summary>Takes a folder, which is made when it is absent.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="option">The option that names another folder, for the message.</param>
    /// <exception cref="BadFileException">Another run holds the folder (the message names its process and machine), or it cannot be written.</exception>
    public static RunLock Acquire(string folder, string option = "--set ckpt_dir=DIR")
    {
        string path = Path.Combine(folder, FileName), holder = Path.Combine(folder, HolderName);
        try
        {
            bool isNew = !Directory.Exists(folder);
            FileStream file = Open(path) ?? throw new BadFileException(
                $"Another run works in the folder {folder}: {HolderOf(holder)}. Wait until it has ended or end it, or give this run a folder of its own with {option}.");
            var held = new RunLock(file, folder, isNew);
            try
            {
                File.Delete(holder); // what a killed run left may be another user's, who alone may write it
                File.WriteAllText(holder, string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}, since {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC"));
                return held;
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"The run's folder {folder} cannot be used: {fault.Message} Give another one with {option}.", fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Both are removed while the lock is held: afterwards they may be another run's. A folder that is gone took them along.
        if (Directory.Exists(_folder))
        {
            File.Delete(Path.Combine(_folder, HolderName));
            File.Delete(_file.Name);
            if (_isNew)
            {
                RemoveIfEmpty(_folder); // a run that was refused leaves no trace
            }
        }

        _file.Dispose();
    }

    private static void RemoveIfEmpty(string folder)
    {
        try
        {
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
        catch (IOException)
        {
            // Another run has begun in the folder, or has removed it.
        }
    }

    /// <summary>Opens the file without sharing; null where another process has it.</summary>
    private static FileStream? Open(string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            FileStream file;
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
                file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException fault) when (fault.HResult is WouldBlockOnLinux or WouldBlockOnMac or SharingViolationOnWindows)
            {
                return null;
            }
            catch (IOException) when (attempt < MostAttempts)
            {
                continue; // a refused run has just removed the folder that it had made; where it cannot be made, the last attempt says so
            }

            AllowEveryUser(file);
            if (IsStillThere(file, path))
            {
                return file;
            }

            file.Dispose();
        }
    }

    /// <summary>A file that a killed run left must not keep another user out who may write the folder.</summary>
    private static void AllowEveryUser(FileStream file)
    {
        const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(file.SafeFileHandle) != Everyone)
        {
            File.SetUnixFileMode(file.SafeFileHandle, Everyone);
        }
    }

    /// <summary>
    /// A file can be opened just before its holder removes it; then its lock keeps nobody out. Whether the name still leads to the opened file
    /// is told by its length, set to a random one.
    /// </summary>
    private static bool IsStillThere(FileStream file, string path)
    {
        file.SetLength(RandomNumberGenerator.GetInt32(1, 1 << 20));
        var named = new FileInfo(path);
        return named.Exists && named.Length == file.Length;
    }

    private static string HolderOf(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "a process that has just begun or belongs to another user"; // the lock tells that it lives; its words are not there
        }
    }
}
