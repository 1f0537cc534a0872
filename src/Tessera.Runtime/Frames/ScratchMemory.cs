namespace Tessera.Runtime;

/// <summary>Hands out a caller's scratch memory, buffer after buffer.</summary>
internal unsafe ref struct ScratchMemory(byte* start)
{
    // Buffers begin a cache line apart, so that a caller who aligns the memory has all of them aligned.
    private const int Step = 64;

    private byte* _next = start;

    /// <summary>Bytes that a buffer takes.</summary>
    public static int Size<T>(int length)
        where T : unmanaged => checked((length * sizeof(T)) + Step - 1) / Step * Step;

    /// <summary>The next buffer.</summary>
    public Span<T> Take<T>(int length)
        where T : unmanaged
    {
        var buffer = new Span<T>(_next, length);
        _next += Size<T>(length);
        return buffer;
    }
}
