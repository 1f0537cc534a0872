using System.Runtime.InteropServices;

namespace Tessera.Runtime.Kernels;

/// <summary>Memory outside the garbage collector's heap, zeroed, aligned to a cache line: it never moves, so kernels keep addresses into it.</summary>
internal sealed unsafe class AlignedBuffer : SafeHandle
{
    /// <summary>Bytes of a cache line, and of the widest register.</summary>
    public const int Alignment = 64;

    /// <summary>Makes a buffer.</summary>
    /// <param name="bytes">Its size, not negative.</param>
    public AlignedBuffer(long bytes)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        void* memory = NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Alignment);
        NativeMemory.Clear(memory, (nuint)bytes);
        SetHandle((nint)memory);
    }

    /// <summary>Size in bytes.</summary>
    public long Bytes { get; }

    /// <summary>The first byte.</summary>
    public byte* Pointer => (byte*)handle;

    /// <summary>The smallest multiple of <see cref="Alignment"/> that is not below a number of bytes.</summary>
    /// <exception cref="OverflowException">It exceeds int32.</exception>
    public static int AlignUp(int bytes) => checked(bytes + Alignment - 1) / Alignment * Alignment;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
