using Tessera.Programs;

namespace Tessera.Runtime.Tests;

/// <summary>Random frames in one buffer each, and what the plain definitions make of them.</summary>
internal static class Pictures
{
    /// <summary>The shapes that a segmenter is tested with: every format and range, the network's size, smaller, larger and odd ones.</summary>
    public static IEnumerable<FrameShape> Shapes(int width, int height) =>
        from size in ((int Width, int Height)[])[(width, height), (width / 2, height / 2), ((2 * width) + 3, height + 5), (1, 1)]
        from shape in (FrameShape[])
        [
            FrameShape.Rgb(size.Width, size.Height), FrameShape.Bgr(size.Width, size.Height), FrameShape.Bgra(size.Width, size.Height),
            FrameShape.Nv12(size.Width, size.Height, YuvRange.Full), FrameShape.Nv12(size.Width, size.Height, YuvRange.Studio),
            FrameShape.I420(size.Width, size.Height, YuvRange.Full), FrameShape.I420(size.Width, size.Height, YuvRange.Studio),
        ]
        select shape;

    public static byte[] Random(FrameShape shape, int seed)
    {
        var pixels = new byte[shape.Bytes];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }

    /// <summary>The class map that the reference executor gives for what the reference reader reads.</summary>
    public static unsafe byte[] ClassMap(CompiledProgram compiled, FrameShape shape, byte[] pixels)
    {
        IntegerTensor input = compiled.Program.Input;
        var reader = new ReferenceFrameReader(shape, input.Height, input.Width, compiled.Info.Swing);
        var image = new sbyte[input.Count];
        Frame frame = Frame.OfBuffer(shape, pixels);
        fixed (byte* plane0 = frame.Plane(0), plane1 = frame.Plane(1), plane2 = frame.Plane(2))
        {
            var view = new FrameView(frame, plane0, plane1, plane2);
            for (int y = 0; y < input.Height; y++)
            {
                reader.Read(view, y, image.AsSpan(y * input.Width * 3, input.Width * 3));
            }
        }

        return new ReferenceExecutor(compiled.Program).Run(image).All.First(output => output.Tensor.IsClassMap).ClassMap.ToArray();
    }
}
