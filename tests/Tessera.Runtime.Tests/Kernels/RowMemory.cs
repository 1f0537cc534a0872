using Tessera.Runtime.Tests.Memory;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>What surrounds the rows that a kernel under test gets.</summary>
internal enum RowPlace
{
    /// <summary>Bytes that are no zeros: reading them as values gives a wrong result, and a write to them is found afterwards.</summary>
    AmongPoison,

    /// <summary>An inaccessible page directly behind: reading or writing there ends the process.</summary>
    BeforeGuard,

    /// <summary>An inaccessible page directly before.</summary>
    AfterGuard,
}

/// <summary>
/// A row of bytes with zeros on each side of it, and room behind these, in the place that a test chooses; on a side without a guard, poison
/// follows. Guarded memory is used again, since mapping it takes longer than running a kernel: guarded rows are for one thread at a time.
/// </summary>
internal sealed unsafe class RowMemory : IDisposable
{
    private const int PoisonBytes = 128;
    private const int GuardedBytes = 64 << 10; // longer than any row of the tests, and whole pages
    private const byte Poison = 0xA5;

    private static readonly Stack<GuardedMemory> Free = new();

    private readonly GuardedMemory? _guarded;
    private readonly byte[]? _poisoned;
    private readonly byte* _start;
    private readonly int _length;
    private readonly int _poisonBefore;
    private readonly int _poisonBehind;

    /// <summary>Makes the row.</summary>
    /// <param name="place">What surrounds it.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="slack">Bytes behind the right padding that a kernel may read if it does not use them: poison.</param>
    public RowMemory(RowPlace place, ReadOnlySpan<byte> content, int padding = 0, int slack = 0)
    {
        _length = content.Length + (2 * padding) + slack;
        _poisonBefore = place == RowPlace.AfterGuard ? 0 : PoisonBytes;
        _poisonBehind = place == RowPlace.BeforeGuard ? 0 : PoisonBytes;
        if (place == RowPlace.AmongPoison)
        {
            _poisoned = GC.AllocateUninitializedArray<byte>(_length + (2 * PoisonBytes), pinned: true);
            fixed (byte* first = _poisoned)
            {
                _start = first + PoisonBytes;
            }
        }
        else
        {
            Assert.True(_length + PoisonBytes <= GuardedBytes && GuardedBytes % Environment.SystemPageSize == 0);
            _guarded = Free.Count > 0 ? Free.Pop() : GuardedMemory.EndingAtGuard(GuardedBytes);
            _start = _guarded.Pointer + (place == RowPlace.AfterGuard ? 0 : GuardedBytes - _length);
        }

        Pixels = _start + padding;
        new Span<byte>(_start - _poisonBefore, _poisonBefore + _length + _poisonBehind).Fill(Poison);
        new Span<byte>(_start, _length - slack).Clear();
        content.CopyTo(new Span<byte>(Pixels, content.Length));
    }

    /// <summary>The first byte of the content.</summary>
    public byte* Pixels { get; }

    /// <summary>Fails where something was written beside the row.</summary>
    public void AssertNothingElseWritten()
    {
        Assert.Equal(-1, new Span<byte>(_start - _poisonBefore, _poisonBefore).IndexOfAnyExcept(Poison));
        Assert.Equal(-1, new Span<byte>(_start + _length, _poisonBehind).IndexOfAnyExcept(Poison));
        GC.KeepAlive(_poisoned);
    }

    /// <summary>Gives the memory to the next row.</summary>
    public void Dispose()
    {
        if (_guarded is not null)
        {
            Free.Push(_guarded);
        }
    }
}
