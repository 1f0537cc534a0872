using System.Runtime.InteropServices;

namespace Tessera.Runtime.Tests.Memory;

/// <summary>
/// Bytes that touch an inaccessible page, so that a kernel which reads or writes one byte too far ends the test run instead of passing.
/// </summary>
/// <remarks>
/// Linux only: mark tests with <see cref="GuardPagesFactAttribute"/> or <see cref="GuardPagesTheoryAttribute"/>. Both ends of the mapping
/// are inaccessible; the bytes lie at the end that the factory names. The room that is left on the other side, less than a page, carries
/// a pattern: <see cref="AssertNothingElseWritten"/> says whether a write went there.
/// <code>
/// using GuardedMemory input = GuardedMemory.EndingAtGuard(data), output = GuardedMemory.EndingAtGuard(length);
/// kernel.Run((sbyte*)input.Pointer, (sbyte*)output.Pointer);
/// output.AssertNothingElseWritten();
/// </code>
/// </remarks>
public sealed unsafe class GuardedMemory : IDisposable
{
    private const int ProtectNone = 0, ProtectReadWrite = 3, MapPrivateAnonymous = 0x22;

    private static readonly byte[] Pattern = [.. Enumerable.Range(0, Environment.SystemPageSize).Select(i => (byte)((i * 37) + 0xA5))];

    private readonly nint _mapping;
    private readonly nuint _mappingLength;
    private readonly int _roomBefore, _roomAfter;
    private bool _disposed;

    private GuardedMemory(int length, bool atEnd)
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException(Requirement);
        }

        int page = Environment.SystemPageSize, pages = checked(length + page - 1) / page * page;
        _mappingLength = (nuint)pages + (2 * (nuint)page);
        _mapping = Map(0, _mappingLength, ProtectNone, MapPrivateAnonymous, -1, 0);
        if (_mapping == -1 || (pages > 0 && Protect(_mapping + page, (nuint)pages, ProtectReadWrite) != 0))
        {
            throw new InvalidOperationException($"The system gave no {_mappingLength} bytes of guarded memory (error {Marshal.GetLastPInvokeError()}).");
        }

        Length = length;
        (_roomBefore, _roomAfter) = atEnd ? (pages - length, 0) : (0, pages - length);
        Pointer = (byte*)_mapping + page + _roomBefore;
        Pattern.AsSpan(0, Room.Length).CopyTo(Room);
    }

    /// <summary>Whether this system has what the class needs.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux();

    /// <summary>What the class needs, for the line of a skipped test.</summary>
    public static string Requirement => "Guard pages are made with Linux's mmap and mprotect; this system is not Linux.";

    /// <summary>The first byte.</summary>
    public byte* Pointer { get; }

    /// <summary>Number of bytes.</summary>
    public int Length { get; }

    /// <summary>The bytes.</summary>
    public Span<byte> Span => new(Pointer, Length);

    /// <summary>Zeros whose last byte lies directly before an inaccessible page. Alignment follows from the length.</summary>
    public static GuardedMemory EndingAtGuard(int length) => new(length, atEnd: true);

    /// <summary>A copy of bytes whose last lies directly before an inaccessible page.</summary>
    public static GuardedMemory EndingAtGuard(ReadOnlySpan<byte> content) => Filled(new(content.Length, atEnd: true), content);

    /// <summary>Zeros whose first byte lies directly after an inaccessible page, and therefore on a page's start.</summary>
    public static GuardedMemory BeginningAtGuard(int length) => new(length, atEnd: false);

    /// <summary>A copy of bytes whose first lies directly after an inaccessible page.</summary>
    public static GuardedMemory BeginningAtGuard(ReadOnlySpan<byte> content) => Filled(new(content.Length, atEnd: false), content);

    /// <summary>The bytes as values of another type; the length is a multiple of their size.</summary>
    public Span<T> As<T>()
        where T : unmanaged
    {
        Assert.Equal(0, Length % sizeof(T));
        return new(Pointer, Length / sizeof(T));
    }

    /// <summary>Fails where something was written on the accessible side, outside the bytes.</summary>
    public void AssertNothingElseWritten()
    {
        int at = Room.CommonPrefixLength(Pattern.AsSpan(0, Room.Length));
        if (at < Room.Length)
        {
            Assert.Fail(_roomBefore > 0 ? $"A write went {_roomBefore - at} bytes before the start." : $"A write went {at + 1} bytes behind the end.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Assert.Equal(0, Unmap(_mapping, _mappingLength));
        }
    }

    private Span<byte> Room => _roomBefore > 0 ? new(Pointer - _roomBefore, _roomBefore) : new(Pointer + Length, _roomAfter);

    private static GuardedMemory Filled(GuardedMemory memory, ReadOnlySpan<byte> content)
    {
        content.CopyTo(memory.Span);
        return memory;
    }

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static extern nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static extern int Protect(nint address, nuint length, int protection);

    [DllImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static extern int Unmap(nint address, nuint length);
}
