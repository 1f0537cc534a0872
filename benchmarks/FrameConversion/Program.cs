using System.Diagnostics;
using System.Runtime.InteropServices;
using Tessera.Benchmarks.FrameConversion;
using Tessera.Core;
using Tessera.Imaging;
using Tessera.Runtime;

// Frames to the network's input of 1024×2048 and its class map back to a picture, on one thread: plain loops and the library in turns.
// Usage: FrameConversion [ROUNDS]
const int Height = 1024, Width = 2048;
int rounds = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 9;
sbyte[] plain = new sbyte[Height * Width * 3], library = new sbyte[plain.Length];
Console.WriteLine($".NET {Environment.Version}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores; {Height}x{Width}, one thread, best of {rounds} (other work may share the machine)");
Console.WriteLine($"{"",-34} {"plain ms",10} {"library ms",11} {"ratio",7}");

byte[] colours = Random(Height * Width * 4, 1), samples = Random(Height * Width * 3 / 2, 2);
Frames("Rgb24", colours, buffer => Frame.Rgb(buffer, Width, Height), () => PlainLoops.Colours(colours, 3, 0, plain));
Frames("Bgr24", colours, buffer => Frame.Bgr(buffer, Width, Height), () => PlainLoops.Colours(colours, 3, 2, plain));
Frames("Bgra32", colours, buffer => Frame.Bgra(buffer, Width, Height), () => PlainLoops.Colours(colours, 4, 2, plain));
foreach (bool studio in (bool[])[false, true])
{
    YuvRange range = studio ? YuvRange.Studio : YuvRange.Full;
    Frames($"Nv12 {range}", samples, buffer => Frame.Nv12(buffer, Width, Height, range), () => PlainLoops.Samples(samples, Height, Width, true, studio, plain));
    Frames($"I420 {range}", samples, buffer => Frame.I420(buffer, Width, Height, range), () => PlainLoops.Samples(samples, Height, Width, false, studio, plain));
}

foreach ((int height, int width) in ((int, int)[])[(720, 1280), (1080, 1920), (2160, 3840)])
{
    byte[] source = Random(height * width * 4, 3);
    Resized($"Rgb24 of {height}x{width}", source, buffer => Frame.Rgb(buffer, width, height));
    Resized($"Bgra32 of {height}x{width}", source, buffer => Frame.Bgra(buffer, width, height));
    Resized($"Nv12 of {height}x{width}", source, buffer => Frame.Nv12(buffer, width, height, YuvRange.Full));
}

byte[] map = [.. Random(Height * Width / 16, 4).Select(value => (byte)(value % 20))], enlarged = new byte[Height * Width], expected = new byte[Height * Width];
Compare("class map x4", () => PlainLoops.Enlarge(map, Height / 4, Width / 4, 4, expected), () => ClassMapImage.Upscale(map, Height / 4, Width / 4, 4, enlarged), () => expected.AsSpan().SequenceEqual(enlarged));
foreach ((PixelFormat format, int channels) in ((PixelFormat, int)[])[(PixelFormat.Rgb24, 3), (PixelFormat.Bgra32, 4)])
{
    byte[] picture = Random(Height * Width * channels, 5), copy = [.. picture];
    var palette = new Palette(ClassTable.Cityscapes, 0.5, format);
    Compare($"overlay on {format}", () => PlainLoops.Overlay(map, Width / 4, ClassTable.Cityscapes, 128, picture, Height, Width, channels), () => Overlay.Blend(map, Height / 4, Width / 4, palette, copy, Width, Height), () => picture.AsSpan().SequenceEqual(copy));
}

// The library reads bands of 16 rows, as an engine does that takes them while they are in the cache.
unsafe void Read(FrameRowReader reader, byte[] buffer, MakeFrame make)
{
    Frame frame = make(buffer);
    byte[] scratch = new byte[reader.ScratchBytes];
    fixed (byte* p0 = frame.Plane(0), p1 = frame.Plane(1), p2 = frame.Plane(2), memory = scratch)
    {
        fixed (sbyte* to = library)
        {
            var view = new FrameView(frame, p0, p1, p2);
            for (int row = 0; row < Height; row += 16)
            {
                reader.Read(view, row, 16, to + ((nint)row * Width * 3), Width * 3, memory);
            }
        }
    }
}

void Frames(string name, byte[] buffer, MakeFrame make, Action plainLoops)
{
    FrameRowReader reader = FrameRowReader.Create(make(buffer).Shape, Height, Width, YuvSwing.Full);
    Compare(name, plainLoops, () => Read(reader, buffer, make), () => plain.AsSpan().SequenceEqual(library));
}

unsafe void Resized(string name, byte[] buffer, MakeFrame make)
{
    FrameShape shape = make(buffer).Shape;
    FrameRowReader reader = FrameRowReader.Create(shape, Height, Width, YuvSwing.Full);
    var definition = new ReferenceFrameReader(shape, Height, Width, YuvSwing.Full);
    Compare(name, ReadPlainly, () => Read(reader, buffer, make), () => plain.AsSpan().SequenceEqual(library));

    void ReadPlainly()
    {
        Frame frame = make(buffer);
        fixed (byte* p0 = frame.Plane(0), p1 = frame.Plane(1), p2 = frame.Plane(2))
        {
            var view = new FrameView(frame, p0, p1, p2);
            for (int row = 0; row < Height; row++)
            {
                definition.Read(view, row, plain.AsSpan(row * Width * 3, Width * 3));
            }
        }
    }
}

void Compare(string name, Action plainLoops, Action ofLibrary, Func<bool> same)
{
    // A figure for other values is worth nothing, so the values are compared first.
    double slow = double.MaxValue, fast = double.MaxValue;
    plainLoops();
    ofLibrary();
    if (!same())
    {
        throw new InvalidOperationException($"{name}: the library gives other values than the plain loops.");
    }

    // The compiler takes its time to reach its last tier.
    for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalMilliseconds < 400;)
    {
        ofLibrary();
    }

    for (int round = 0; round < rounds; round++)
    {
        slow = Math.Min(slow, Time(plainLoops));
        for (int repeat = 0; repeat < 3; repeat++)
        {
            fast = Math.Min(fast, Time(ofLibrary));
        }
    }

    Console.WriteLine($"{name,-34} {slow,10:F2} {fast,11:F2} {slow / fast,7:F1}");
}

static double Time(Action action)
{
    long start = Stopwatch.GetTimestamp();
    action();
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}

static byte[] Random(int length, int seed)
{
    byte[] bytes = new byte[length];
    new Random(seed).NextBytes(bytes);
    return bytes;
}

/// <summary>Makes a frame over a buffer; frames live on the stack, so that a plain Func cannot return one.</summary>
internal delegate Frame MakeFrame(byte[] buffer);
