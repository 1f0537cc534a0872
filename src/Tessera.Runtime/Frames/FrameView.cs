using System.Runtime.CompilerServices;

namespace Tessera.Runtime;

/// <summary>A frame's planes as pointers, for threads that read its rows while the frame is pinned.</summary>
/// <remarks>Valid only inside the <c>fixed</c> statement that pins the frame's planes:
/// <code>fixed (byte* p0 = frame.Plane(0), p1 = frame.Plane(1), p2 = frame.Plane(2)) { var view = new FrameView(frame, p0, p1, p2); … }</code></remarks>
internal readonly unsafe struct FrameView
{
    private readonly byte* _plane0, _plane1, _plane2;
    private readonly int _stride0, _stride1, _stride2;

    /// <summary>Names the pinned planes of a frame; a plane that the format lacks is null.</summary>
    public FrameView(in Frame frame, byte* plane0, byte* plane1, byte* plane2)
    {
        Shape = frame.Shape;
        _plane0 = plane0;
        _plane1 = plane1;
        _plane2 = plane2;
        (_stride0, _stride1, _stride2) = (frame.Stride(0), frame.Stride(1), frame.Stride(2));
    }

    /// <summary>Size, format and range of the frame.</summary>
    public FrameShape Shape { get; }

    /// <summary>A row of plane 0, exactly its bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Row(int row) => new(_plane0 + ((nint)row * _stride0), Shape.RowBytes(0));

    /// <summary>A row of plane 1, exactly its bytes.</summary>
    public ReadOnlySpan<byte> SecondRow(int row) => new(_plane1 + ((nint)row * _stride1), Shape.RowBytes(1));

    /// <summary>A row of plane 2, exactly its bytes.</summary>
    public ReadOnlySpan<byte> ThirdRow(int row) => new(_plane2 + ((nint)row * _stride2), Shape.RowBytes(2));
}
