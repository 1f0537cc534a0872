using System.Security.Cryptography;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// The file <c>NAME.part</c>, which grows beside the final one. Whatever ends a transfer, the bytes that arrived stay, so that the next
/// one goes on from there; only wrong bytes are removed.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const int UnixDiskFull = 28;
    private const int UnixQuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private readonly FileStream _stream;

    private PartialFile(string path, FileStream stream)
    {
        Path = path;
        _stream = stream;
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Bytes that are there.</summary>
    public long Length => _stream.Length;

    /// <summary>Opens or creates the file and its folder, for this process alone.</summary>
    /// <exception cref="BadFileException">It cannot be written, or another process downloads to it.</exception>
    public static PartialFile Open(string path)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, useAsync: true);
            stream.Seek(0, SeekOrigin.End);
            return new PartialFile(path, stream);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot write {path}: {fault.Message} Choose a folder that you may write to, and let one download at a time run in it.", fault);
        }
    }

    /// <summary>Writes at the end.</summary>
    /// <exception cref="BadFileException">The disk is full or fails; what was written before stays.</exception>
    public async Task AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        try
        {
            await _stream.WriteAsync(bytes, cancel);
        }
        catch (IOException fault)
        {
            string reason = fault.HResult is UnixDiskFull or UnixQuotaExceeded or WindowsDiskFull
                ? "The disk is full. Free some space"
                : $"{fault.Message} Check the disk";
            throw new BadFileException($"Cannot write {Path}: {reason} and run the command again; what has arrived is kept and the download goes on from there.", fault);
        }
    }

    /// <summary>Empties the file: the transfer has to start again.</summary>
    public void Clear()
    {
        _stream.SetLength(0);
        _stream.Seek(0, SeekOrigin.Begin);
    }

    /// <summary>The MD5 sum of the bytes on the disk, in lower-case hexadecimal digits.</summary>
    public Task<string> Md5Async(string package, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        _stream.Seek(0, SeekOrigin.Begin);
        return Md5Async(_stream, package, progress, cancel);
    }

    /// <summary>The MD5 sum of a stream's rest, in lower-case hexadecimal digits.</summary>
    public static async Task<string> Md5Async(Stream stream, string package, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        var meter = new ProgressMeter(progress, package, DownloadPhase.Checking, 0, stream.Length);
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        byte[] buffer = new byte[1 << 20];
        long read = 0;
        for (int count; (count = await stream.ReadAsync(buffer, cancel)) > 0; meter.Advance(read))
        {
            md5.AppendData(buffer, 0, count);
            read += count;
        }

        meter.Report(read);
        return Convert.ToHexStringLower(md5.GetHashAndReset());
    }

    /// <summary>Brings everything to the disk and gives the file its final name.</summary>
    /// <exception cref="BadFileException">The disk does not confirm it, or it cannot be renamed.</exception>
    public void Complete(string final)
    {
        try
        {
            Durability.Flush(_stream);
            _stream.Dispose();
            File.Move(Path, final);
            Durability.FlushFolder(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(final))!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot rename {Path} to {final}: {fault.Message} The file is complete and its checksum is right; rename it by hand or run the command again.", fault);
        }
    }

    /// <summary>Removes the file: its bytes are wrong.</summary>
    public void Remove()
    {
        _stream.Dispose();
        File.Delete(Path);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
