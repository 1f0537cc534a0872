using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Tessera.Core;
using static Tessera.Data.LmdbFormat;

namespace Tessera.Data;

/// <summary>The bytes of an LMDB data file, by position. Every fault is an error that names the file. Safe from several threads at once.</summary>
/// <remarks>
/// Positioned reads instead of a mapping: a file that shrinks or vanishes while it is read gives an error instead of a bus fault that ends the
/// process.
/// </remarks>
internal sealed class LmdbPages : IDisposable
{
    private readonly SafeFileHandle _file;

    /// <summary>Opens a file.</summary>
    /// <exception cref="BadFileException">It is missing, may not be read, or is no file.</exception>
    public LmdbPages(string path)
    {
        Path = path;
        try
        {
            InputFile.Require(path);
            _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
            Length = RandomAccess.GetLength(_file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _file?.Dispose();
            throw new BadFileException($"Cannot open the pack {path}: {fault.Message} Make it with 'tessera pack'.", fault);
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its bytes when it was opened.</summary>
    public long Length { get; }

    /// <summary>Bytes per page, which the header tells.</summary>
    public int PageSize { get; set; } = LmdbFormat.PageSize;

    /// <summary>The number of the last page that was ever used, which the header tells; the file need not be so long.</summary>
    public long LastPage { get; set; }

    /// <summary>Where a run of pages starts.</summary>
    /// <exception cref="BadFileException">The file does not have them.</exception>
    public long Offset(ulong page, long count, string what)
    {
        if (page < 2 || page > (ulong)LastPage || count > LastPage - (long)page + 1)
        {
            throw Damaged($"has {what} on page {page}, and its pages are 2 to {LastPage}");
        }

        long end = ((long)page + count) * PageSize;
        return end <= Length
            ? (long)page * PageSize
            : throw new BadFileException($"The pack {Path} is truncated: it has {Length} bytes, and {what} ends at byte {end}. Copy or make it again.");
    }

    /// <summary>Fills a span from a place in the file.</summary>
    /// <exception cref="BadFileException">The file ends before, or cannot be read.</exception>
    public void Read(long offset, Span<byte> target)
    {
        while (target.Length > 0)
        {
            int read;
            try
            {
                read = RandomAccess.Read(_file, target, offset);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new BadFileException($"Cannot read the pack {Path} at byte {offset}: {fault.Message} Check the disk, or copy the pack again.", fault);
            }

            if (read == 0)
            {
                throw new BadFileException($"The pack {Path} ended at byte {offset}: it was cut after it had been opened. Copy or make it again.");
            }

            target = target[read..];
            offset += read;
        }
    }

    /// <summary>Checks the header of a page: its own number and its kind.</summary>
    /// <returns>The kind: <see cref="BranchPage"/>, <see cref="LeafPage"/> or <see cref="OverflowPage"/>.</returns>
    /// <exception cref="BadFileException">The page is another one.</exception>
    public int CheckHeader(ReadOnlySpan<byte> page, ulong number)
    {
        ulong own = BinaryPrimitives.ReadUInt64LittleEndian(page);
        int kind = BinaryPrimitives.ReadUInt16LittleEndian(page[PageFlags..]) & ~TransientPageFlags;
        return own == number && kind is BranchPage or LeafPage or OverflowPage ? kind : throw Damaged($"has a page {own} of kind {kind} at the place of page {number}");
    }

    /// <summary>The error for a file that contradicts itself.</summary>
    public BadFileException Damaged(string what) => new($"The pack {Path} is damaged: it {what}. Copy or make it again.");

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
