using Tessera.Data;
using Tessera.Imaging;
using Tessera.Runtime.Tests.Memory;

namespace Tessera.Runtime.Tests.Frames;

public unsafe class FrameRowReaderTests
{
    public static TheoryData<PixelFormat, YuvRange, YuvSwing> Formats
    {
        get
        {
            var data = new TheoryData<PixelFormat, YuvRange, YuvSwing>();
            foreach (PixelFormat format in Enum.GetValues<PixelFormat>())
            {
                foreach (YuvSwing swing in Enum.GetValues<YuvSwing>())
                {
                    data.Add(format, YuvRange.Full, swing);
                    if (format is PixelFormat.Nv12 or PixelFormat.I420)
                    {
                        data.Add(format, YuvRange.Studio, swing);
                    }
                }
            }

            return data;
        }
    }

    [GuardPagesTheory]
    [MemberData(nameof(Formats))]
    public void A_frame_of_the_networks_size_is_read_as_defined(PixelFormat format, YuvRange range, YuvSwing swing)
    {
        int step = swing == YuvSwing.Full ? 1 : 2, seed = 0;
        for (int width = step; width <= 70; width += step)
        {
            AssertAsDefined(new(width, step * (1 + (width % 3)), format, range), step * (1 + (width % 3)), width, swing, extraStride: seed % 3 * 7, ++seed);
        }

        AssertAsDefined(new(322, 4, format, range), 4, 322, swing, extraStride: 0, seed);
    }

    [GuardPagesTheory]
    [MemberData(nameof(Formats))]
    public void A_frame_of_another_size_is_resized_as_defined(PixelFormat format, YuvRange range, YuvSwing swing)
    {
        (int Height, int Width)[] sources = [(1, 1), (2, 3), (7, 5), (12, 20), (33, 47), (20, 64), (9, 131)], targets = [(2, 2), (8, 10), (20, 36), (34, 46), (20, 96)];
        int seed = 100;
        foreach ((int height, int width) in sources)
        {
            foreach ((int targetHeight, int targetWidth) in targets)
            {
                AssertAsDefined(new(width, height, format, range), targetHeight, targetWidth, swing, extraStride: seed % 3 * 5, ++seed);
            }
        }

        if (swing == YuvSwing.Full)
        {
            AssertAsDefined(new(12, 7, format, range), 5, 33, swing, extraStride: 0, seed);
            AssertAsDefined(new(12, 7, format, range), 1, 1, swing, extraStride: 0, seed);
        }
    }

    [GuardPagesTheory]
    [InlineData(PixelFormat.Rgb24, YuvSwing.Full)]
    [InlineData(PixelFormat.Bgr24, YuvSwing.Full)]
    [InlineData(PixelFormat.Bgra32, YuvSwing.Full)]
    [InlineData(PixelFormat.Rgb24, YuvSwing.StudioSubsampled)]
    [InlineData(PixelFormat.Bgr24, YuvSwing.StudioSubsampled)]
    [InlineData(PixelFormat.Bgra32, YuvSwing.StudioSubsampled)]
    public void Colours_give_the_very_input_that_inference_and_validation_prepare(PixelFormat format, YuvSwing swing)
    {
        (int Height, int Width)[] sources = [(64, 128), (128, 64), (37, 53), (150, 200), (64, 99), (91, 128), (128, 256), (1, 1)];
        foreach ((int height, int width) in sources)
        {
            using var frame = new GuardedFrame(new(width, height, format, YuvRange.Full), extraStride: 3, seed: height);
            sbyte[] expected = ImagePreparation.Prepare(frame.Rgb(), height, width, 64, 128, swing);
            Assert.Equal(expected, ReadAll(frame, FrameRowReader.Create(frame.Shape, 64, 128, swing), rowsAtOnce: 5));
        }
    }

    [GuardPagesFact]
    public void Samples_of_the_networks_range_are_only_centred_and_chroma_is_repeated()
    {
        using var nv12 = new GuardedFrame(new(5, 3, PixelFormat.Nv12, YuvRange.Full), extraStride: 0, seed: 1);
        using var i420 = new GuardedFrame(new(5, 3, PixelFormat.I420, YuvRange.Full), extraStride: 0, seed: 1);
        sbyte[] semiPlanar = ReadAll(nv12, FrameRowReader.Create(nv12.Shape, 3, 5, YuvSwing.Full), 1);
        sbyte[] planar = ReadAll(i420, FrameRowReader.Create(i420.Shape, 3, 5, YuvSwing.Full), 1);
        for (int y = 0, i = 0; y < 3; y++)
        {
            for (int x = 0; x < 5; x++, i += 3)
            {
                Assert.Equal(nv12.Plane(0)[(y * 5) + x] - 128, semiPlanar[i]);
                Assert.Equal(nv12.Plane(1)[(y / 2 * 6) + (x / 2 * 2)] - 128, semiPlanar[i + 1]);
                Assert.Equal(nv12.Plane(1)[(y / 2 * 6) + (x / 2 * 2) + 1] - 128, semiPlanar[i + 2]);
                Assert.Equal(i420.Plane(0)[(y * 5) + x] - 128, planar[i]);
                Assert.Equal(i420.Plane(1)[(y / 2 * 3) + (x / 2)] - 128, planar[i + 1]);
                Assert.Equal(i420.Plane(2)[(y / 2 * 3) + (x / 2)] - 128, planar[i + 2]);
            }
        }
    }

    [GuardPagesFact]
    public void A_picture_turned_into_a_decoders_NV12_is_read_as_the_network_was_trained()
    {
        // YuvSwing.StudioSubsampled is defined as what an I420 round trip leaves; the round trip made here must give its very values.
        const int Height = 6, Width = 40;
        byte[] rgb = new byte[Height * Width * 3];
        new Random(5).NextBytes(rgb);
        sbyte[] expected = new sbyte[rgb.Length];
        Yuv444.FromRgb(rgb, expected, Height, Width, YuvSwing.StudioSubsampled);
        byte[] buffer = new byte[Height * Width * 3 / 2];
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                int i = ((y * Width) + x) * 3, pair = ((Height + (y / 2)) * Width) + (x & ~1);
                (buffer[(y * Width) + x], buffer[pair], buffer[pair + 1]) = ((byte)(expected[i] + 128), (byte)(expected[i + 1] + 128), (byte)(expected[i + 2] + 128));
            }
        }

        Frame frame = Frame.Nv12(buffer, Width, Height, YuvRange.Studio);
        FrameRowReader reader = FrameRowReader.Create(frame.Shape, Height, Width, YuvSwing.StudioSubsampled);
        sbyte[] actual = new sbyte[rgb.Length];
        fixed (byte* y = frame.Plane(0), uv = frame.Plane(1))
        {
            fixed (sbyte* to = actual)
            {
                reader.Read(new FrameView(frame, y, uv, null), 0, Height, to, Width * 3, null);
            }
        }

        Assert.Equal(expected, actual);
    }

    [GuardPagesTheory]
    [MemberData(nameof(Formats))]
    public void Threads_that_read_one_frame_get_the_rows_of_one_thread_and_allocate_nothing(PixelFormat format, YuvRange range, YuvSwing swing)
    {
        using var frame = new GuardedFrame(new(90, 61, format, range), extraStride: 2, seed: 3);
        FrameRowReader reader = FrameRowReader.Create(frame.Shape, 64, 128, swing);
        sbyte[] alone = ReadAll(frame, reader, rowsAtOnce: 64);
        FrameView view = frame.View;
        bool[] same = new bool[64];
        Parallel.For(0, 64, row =>
        {
            byte[] scratch = new byte[reader.ScratchBytes];
            sbyte[] values = new sbyte[128 * 3];
            fixed (byte* memory = scratch)
            {
                fixed (sbyte* to = values)
                {
                    reader.Read(view, row, to, memory);
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    reader.Read(view, row, to, memory);
                    same[row] = before == GC.GetAllocatedBytesForCurrentThread() && alone.AsSpan(row * 128 * 3, 128 * 3).SequenceEqual(values);
                }
            }
        });
        Assert.All(same, Assert.True);
    }

    [Fact]
    public void Impossible_arguments_are_refused()
    {
        var shape = new FrameShape(4, 4, PixelFormat.Rgb24, YuvRange.Full);
        Assert.Throws<ArgumentException>(() => FrameRowReader.Create(default, 4, 4, YuvSwing.Full));
        Assert.Throws<ArgumentException>(() => FrameRowReader.Create(shape, 0, 4, YuvSwing.Full));
        Assert.Throws<ArgumentException>(() => FrameRowReader.Create(shape, 4, 70_000, YuvSwing.Full));
        Assert.Throws<ArgumentException>(() => FrameRowReader.Create(shape, 4, 4, (YuvSwing)5));
        Assert.Throws<ArgumentException>(() => FrameRowReader.Create(shape, 4, 3, YuvSwing.StudioSubsampled));
        FrameRowReader reader = FrameRowReader.Create(shape, 4, 4, YuvSwing.Full);
        byte[] pixels = new byte[60];
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read(new FrameView(Frame.Rgb(pixels, 4, 4), null, null, null), 4, null, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read(new FrameView(Frame.Rgb(pixels, 4, 4), null, null, null), -1, null, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read(new FrameView(Frame.Rgb(pixels, 4, 4), null, null, null), 2, 3, null, 12, null));
        Assert.Throws<ArgumentException>(() => reader.Read(new FrameView(Frame.Rgb(pixels, 4, 5), null, null, null), 0, null, null));
        Assert.Throws<ArgumentException>(() => reader.Read(new FrameView(Frame.Bgr(pixels, 4, 4), null, null, null), 0, null, null));
    }

    private static void AssertAsDefined(FrameShape shape, int height, int width, YuvSwing swing, int extraStride, int seed)
    {
        using var frame = new GuardedFrame(shape, extraStride, seed, endAtGuard: seed % 4 != 0);
        var definition = new ReferenceFrameReader(shape, height, width, swing);
        sbyte[] expected = new sbyte[height * width * 3];
        for (int row = 0; row < height; row++)
        {
            definition.Read(frame.View, row, expected.AsSpan(row * width * 3, width * 3));
        }

        FrameRowReader reader = FrameRowReader.Create(shape, height, width, swing);
        foreach (int rowsAtOnce in (int[])[1, 3, height])
        {
            sbyte[] actual = ReadAll(frame, reader, rowsAtOnce);
            Assert.True(expected.AsSpan().SequenceEqual(actual), $"{shape} to {height}x{width}, {swing}, {rowsAtOnce} rows at once.");
        }
    }

    // Every call gets memory of its own that ends, or begins, at an inaccessible page, with values in it that a wrong read would show.
    private static sbyte[] ReadAll(GuardedFrame frame, FrameRowReader reader, int rowsAtOnce)
    {
        int rowValues = reader.Width * 3;
        sbyte[] all = new sbyte[reader.Height * rowValues];
        for (int row = 0; row < reader.Height; row += rowsAtOnce)
        {
            int count = Math.Min(rowsAtOnce, reader.Height - row);
            using GuardedMemory scratch = GuardedMemory.EndingAtGuard(reader.ScratchBytes);
            using GuardedMemory rows = row % 2 == 0 ? GuardedMemory.EndingAtGuard(count * rowValues) : GuardedMemory.BeginningAtGuard(count * rowValues);
            scratch.Span.Fill(0xCD);
            rows.Span.Fill(0xCD);
            if (count == 1)
            {
                reader.Read(frame.View, row, (sbyte*)rows.Pointer, scratch.Pointer);
            }
            else
            {
                reader.Read(frame.View, row, count, (sbyte*)rows.Pointer, rowValues, scratch.Pointer);
            }

            rows.AssertNothingElseWritten();
            scratch.AssertNothingElseWritten();
            rows.As<sbyte>().CopyTo(all.AsSpan(row * rowValues));
        }

        return all;
    }
}
