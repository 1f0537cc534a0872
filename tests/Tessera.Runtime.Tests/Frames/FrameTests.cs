namespace Tessera.Runtime.Tests.Frames;

public class FrameTests
{
    [Fact]
    public void Rows_lie_directly_behind_each_other_unless_a_stride_is_given()
    {
        byte[] buffer = new byte[100];
        Assert.Equal((15, 0), (Frame.Rgb(buffer, 5, 3).Stride(0), Frame.Rgb(buffer, 5, 3).Stride(1)));
        Assert.Equal(15, Frame.Bgr(buffer, 5, 3).Stride(0));
        Assert.Equal(20, Frame.Bgra(buffer, 5, 3).Stride(0));
        Assert.Equal(24, Frame.Bgra(buffer, 5, 3, 24).Stride(0));
        Assert.Equal(68, Frame.Bgra(buffer, 5, 3, 24).Plane(0).Length); // no padding behind the last row
        Assert.Equal((5, 6), (Frame.Nv12(buffer, buffer, 5, 3, YuvRange.Full).Stride(0), Frame.Nv12(buffer, buffer, 5, 3, YuvRange.Full).Stride(1)));
        Frame i420 = Frame.I420(buffer, buffer, buffer, 5, 3, YuvRange.Studio, 0, 4, 7);
        Assert.Equal((5, 4, 7), (i420.Stride(0), i420.Stride(1), i420.Stride(2)));
        Assert.Equal(new FrameShape(5, 3, PixelFormat.I420, YuvRange.Studio), i420.Shape);
    }

    [Fact]
    public void Planes_of_one_buffer_lie_behind_each_other()
    {
        byte[] buffer = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        Frame nv12 = Frame.Nv12(buffer, 5, 3, YuvRange.Studio);
        Assert.Equal((0, 15, 12), (nv12.Plane(0)[0], nv12.Plane(1)[0], nv12.Plane(1).Length));
        Frame wide = Frame.Nv12(buffer, 5, 3, YuvRange.Studio, 8);
        Assert.Equal((24, 8), (wide.Plane(1)[0], wide.Stride(1)));
        Frame i420 = Frame.I420(buffer, 5, 3, YuvRange.Full);
        Assert.Equal((15, 21, 6), (i420.Plane(1)[0], i420.Plane(2)[0], i420.Plane(2).Length));
        Frame wider = Frame.I420(buffer, 5, 3, YuvRange.Full, 8);
        Assert.Equal((24, 32, 4), (wider.Plane(1)[0], wider.Plane(2)[0], wider.Stride(2)));
    }

    [Fact]
    public void The_shortest_buffers_do_and_one_byte_less_does_not()
    {
        Refuses(45, length => Frame.Rgb(new byte[length], 5, 3));
        Refuses(47, length => Frame.Bgr(new byte[length], 5, 3, 16));
        Refuses(60, length => Frame.Bgra(new byte[length], 5, 3));
        Refuses(27, length => Frame.Nv12(new byte[length], 5, 3, YuvRange.Full));
        Refuses(38, length => Frame.Nv12(new byte[length], 5, 3, YuvRange.Full, 8));
        Refuses(12, length => Frame.Nv12(new byte[15], new byte[length], 5, 3, YuvRange.Full));
        Refuses(15, length => Frame.Nv12(new byte[length], new byte[12], 5, 3, YuvRange.Full));
        Refuses(27, length => Frame.I420(new byte[length], 5, 3, YuvRange.Full));
        Refuses(39, length => Frame.I420(new byte[length], 5, 3, YuvRange.Full, 8));
        Refuses(6, length => Frame.I420(new byte[15], new byte[6], new byte[length], 5, 3, YuvRange.Full));
        Refuses(6, length => Frame.I420(new byte[15], new byte[length], new byte[6], 5, 3, YuvRange.Full));

        static void Refuses(int shortest, Action<int> make)
        {
            make(shortest);
            Assert.Throws<ArgumentException>(() => make(shortest - 1));
        }
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(5, 0)]
    [InlineData(-1, 3)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(65_536, 1)]
    public void Impossible_sizes_are_refused(int width, int height)
    {
        byte[] buffer = new byte[100];
        Assert.Throws<ArgumentException>(() => Frame.Rgb(buffer, width, height));
        Assert.Throws<ArgumentException>(() => Frame.Bgra(buffer, width, height, int.MaxValue));
        Assert.Throws<ArgumentException>(() => Frame.Nv12(buffer, width, height, YuvRange.Full));
        Assert.Throws<ArgumentException>(() => Frame.I420(buffer, width, height, YuvRange.Full, 1));
    }

    [Fact]
    public void Impossible_strides_and_ranges_are_refused()
    {
        byte[] buffer = new byte[100];
        Assert.Throws<ArgumentException>(() => Frame.Rgb(buffer, 5, 3, 14));
        Assert.Throws<ArgumentException>(() => Frame.Rgb(buffer, 5, 3, -15));
        Assert.Throws<ArgumentException>(() => Frame.Rgb(buffer, 5, 3, int.MaxValue));
        Assert.Throws<ArgumentException>(() => Frame.Nv12(buffer, 5, 3, YuvRange.Full, 5)); // chroma rows of six bytes
        Assert.Throws<ArgumentException>(() => Frame.Nv12(buffer, 5, 3, YuvRange.Full, -8));
        Assert.Throws<ArgumentException>(() => Frame.I420(buffer, 5, 3, YuvRange.Full, int.MaxValue));
        Assert.Throws<ArgumentException>(() => Frame.I420(buffer, 5, 3, YuvRange.Full, int.MinValue));
        Assert.Throws<ArgumentException>(() => Frame.I420(buffer, buffer, buffer, 5, 3, (YuvRange)3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Frame.Rgb(buffer, 5, 3).Plane(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Frame.Rgb(buffer, 5, 3).Stride(-1));
    }
}
