namespace Tessera.Runtime;

/// <content>The ways to hand over frames.</content>
public sealed partial class Segmenter
{
    /// <summary>Segments a frame.</summary>
    /// <param name="frame">The frame, of any size.</param>
    /// <param name="classMap">Gets the class ids, one byte per pixel of <see cref="ClassMap"/>: its height times its width.</param>
    /// <exception cref="ArgumentException">The buffer has another length, or the frame is empty.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public void Segment(in Frame frame, Span<byte> classMap)
    {
        CheckClassMap(classMap.Length, nameof(classMap));
        CheckFrame(frame);
        using Turn turn = TakeTurn();
        turn.Lane.Run(frame, classMap);
    }

    /// <summary>Segments a frame into a new array.</summary>
    /// <param name="frame">The frame, of any size.</param>
    /// <returns>The class ids, one byte per pixel of <see cref="ClassMap"/>: its height times its width.</returns>
    /// <exception cref="ArgumentException">The frame is empty.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public byte[] Segment(in Frame frame)
    {
        var classMap = new byte[ClassMap.Count];
        Segment(frame, classMap);
        return classMap;
    }

    /// <summary>Segments a frame and enlarges the class map, to the nearest pixel, to the frame's own size.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="classMap">Gets the class ids, one byte per pixel of the frame. It may not overlap the frame.</param>
    /// <exception cref="ArgumentException">The buffer has another length, or the frame is empty.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public void SegmentToFrameSize(in Frame frame, Span<byte> classMap)
    {
        CheckFrame(frame);
        if (classMap.Length != (long)frame.Height * frame.Width)
        {
            throw new ArgumentException($"The frame has {frame.Height}x{frame.Width} pixels; the buffer given has {classMap.Length} bytes.", nameof(classMap));
        }

        using Turn turn = TakeTurn();
        ClassMapImage.Resize(turn.Lane.Run(frame), ClassMap.Height, ClassMap.Width, classMap, frame.Height, frame.Width);
    }

    /// <summary>Segments a frame and lays the class colours over a picture, as a rule the frame itself.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="palette">Colours, their share, and the format of the picture: <see cref="CreatePalette"/>.</param>
    /// <param name="picture">The picture, of the frame's size; changed in place. It may be the memory that the frame was read from.</param>
    /// <param name="stride">Bytes from row to row of the picture; 0 for rows without a gap.</param>
    /// <exception cref="ArgumentException">The picture's length does not fit, or the frame is empty.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public void SegmentOverlay(in Frame frame, Palette palette, Span<byte> picture, int stride = 0)
    {
        ArgumentNullException.ThrowIfNull(palette);
        CheckFrame(frame);
        stride = Overlay.StrideOf(palette, picture.Length, frame.Width, frame.Height, stride);
        using Turn turn = TakeTurn();
        Overlay.Blend(turn.Lane.Run(frame), ClassMap.Height, ClassMap.Width, palette, picture, frame.Width, frame.Height, stride);
    }

    /// <summary>Segments frames that lie in one buffer each, as many at once as <see cref="SegmenterOptions.FramesAtOnce"/>.</summary>
    /// <param name="shape">The shape of all frames.</param>
    /// <param name="frames">The frames, without gaps between rows and planes.</param>
    /// <param name="classMaps">As many buffers, each of <see cref="ClassMap"/>'s height times width.</param>
    /// <param name="cancellation">Ends the batch between two frames.</param>
    /// <exception cref="ArgumentException">The numbers differ, or a length does not fit; nothing was segmented then.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; some class maps may be filled.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public void SegmentBatch(FrameShape shape, IReadOnlyList<ReadOnlyMemory<byte>> frames, IReadOnlyList<Memory<byte>> classMaps, CancellationToken cancellation = default)
    {
        CheckBatch(shape, frames, classMaps);
        if (FramesAtOnce == 1 || frames.Count < 2)
        {
            for (int i = 0; i < frames.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                Segment(Frame.OfBuffer(shape, frames[i].Span), classMaps[i].Span);
            }

            return;
        }

        SegmentAtOnce(shape, frames, classMaps, cancellation);
    }

    /// <summary>Segments a frame on a thread of the thread pool; waiting for a turn holds no thread.</summary>
    /// <param name="shape">The frame's shape.</param>
    /// <param name="frame">The frame, without gaps between rows and planes; not to be changed before the task has ended.</param>
    /// <param name="classMap">Gets the class ids: <see cref="ClassMap"/>'s height times width.</param>
    /// <param name="cancellation">Ends the waiting; a frame that is being worked on is finished.</param>
    /// <returns>A task that ends with <see cref="OperationCanceledException"/> if it was cancelled before the frame's turn came, and with
    /// <see cref="ObjectDisposedException"/> if the segmenter was disposed before.</returns>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public Task SegmentAsync(FrameShape shape, ReadOnlyMemory<byte> frame, Memory<byte> classMap, CancellationToken cancellation = default)
    {
        CheckClassMap(classMap.Length, nameof(classMap));
        _ = Frame.OfBuffer(shape, frame.Span);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return SegmentLater(shape, frame, classMap, cancellation);
    }

    private static void CheckFrame(in Frame frame)
    {
        if (frame.Width == 0)
        {
            throw new ArgumentException("The frame is empty; make one with Frame.Rgb, Frame.Nv12 and so on.", nameof(frame));
        }
    }

    private void CheckBatch(FrameShape shape, IReadOnlyList<ReadOnlyMemory<byte>> frames, IReadOnlyList<Memory<byte>> classMaps)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(classMaps);
        if (frames.Count != classMaps.Count)
        {
            throw new ArgumentException($"{frames.Count} frames need as many class maps; {classMaps.Count} are given.", nameof(classMaps));
        }

        for (int i = 0; i < frames.Count; i++)
        {
            _ = Frame.OfBuffer(shape, frames[i].Span);
            CheckClassMap(classMaps[i].Length, nameof(classMaps));
        }
    }

    // By itself, so that the one-by-one form makes no closure.
    private void SegmentAtOnce(FrameShape shape, IReadOnlyList<ReadOnlyMemory<byte>> frames, IReadOnlyList<Memory<byte>> classMaps, CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = FramesAtOnce, CancellationToken = cancellation };
        try
        {
            Parallel.For(0, frames.Count, options, i => Segment(Frame.OfBuffer(shape, frames[i].Span), classMaps[i].Span));
        }
        catch (AggregateException faults)
        {
            // As the one-by-one form would have thrown it.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
    }

    private async Task SegmentLater(FrameShape shape, ReadOnlyMemory<byte> frame, Memory<byte> classMap, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation).ConfigureAwait(false);
        await Task.Run(() =>
        {
            using Turn turn = StartTurn();
            turn.Lane.Run(Frame.OfBuffer(shape, frame.Span), classMap.Span);
        }).ConfigureAwait(false);
    }
}
