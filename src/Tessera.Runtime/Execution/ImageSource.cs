using System.Runtime.CompilerServices;

namespace Tessera.Runtime.Execution;

/// <summary>Gives the network's input image row by row, to several threads at once.</summary>
internal abstract unsafe class ImageSource
{
    /// <summary>Bytes of working memory that <see cref="ReadRow"/> needs.</summary>
    public virtual int ScratchBytes => 0;

    /// <summary>Writes one row: W×3 int8 values, YUV444 minus 128.</summary>
    public abstract void ReadRow(int y, sbyte* destination, byte* scratch);
}

/// <summary>An image that is int8 already.</summary>
/// <param name="rowBytes">Bytes of a row.</param>
internal sealed unsafe class Int8Image(int rowBytes) : ImageSource
{
    /// <summary>The first pixel, valid while the program is executed.</summary>
    public sbyte* Pixels { get; set; }

    /// <inheritdoc/>
    public override void ReadRow(int y, sbyte* destination, byte* scratch) =>
        Unsafe.CopyBlockUnaligned(destination, Pixels + ((long)y * rowBytes), (uint)rowBytes);
}

/// <summary>A frame as a camera delivers it, resized and converted row by row.</summary>
/// <param name="reader">Reads frames of one shape.</param>
internal sealed unsafe class FrameImage(FrameRowReader reader) : ImageSource
{
    /// <summary>The shape of the frames.</summary>
    public FrameShape Shape => reader.Source;

    /// <summary>The frame, valid while the program is executed.</summary>
    public FrameView View { get; set; }

    /// <inheritdoc/>
    public override int ScratchBytes => reader.ScratchBytes;

    /// <inheritdoc/>
    public override void ReadRow(int y, sbyte* destination, byte* scratch) => reader.Read(View, y, destination, scratch);
}

/// <summary>A gray image of no content, for executing a plan before there is a frame.</summary>
/// <param name="rowBytes">Bytes of a row.</param>
internal sealed unsafe class GrayImage(int rowBytes) : ImageSource
{
    /// <inheritdoc/>
    public override void ReadRow(int y, sbyte* destination, byte* scratch) => Unsafe.InitBlockUnaligned(destination, 0, (uint)rowBytes);
}
