using System.Diagnostics;
using SkiaSharp;
using StbImageSharp;
using Tessera.Benchmarks.ImageDecoding;

// Usage: ImageDecoding [photo.png]   The photo is tiled to 1024×2048; without one a synthetic image stands in.
const int Height = 1024, Width = 2048, Runs = 15;

byte[] rgb = TestImages.Rgb(Height, Width, args.FirstOrDefault());
byte[] gray = TestImages.Labels(Height, Width);
byte[] colourPng = PngWriter.Write(rgb, Height, Width, 3);
byte[] labelPng = PngWriter.Write(gray, Height, Width, 1);
Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}; RGB PNG {colourPng.Length / 1e6:F2} MB, label PNG {labelPng.Length / 1e3:F0} kB, {Height}x{Width}");

Measure("SkiaSharp  RGB  ", () => SkiaDecoding.Rgb(colourPng), rgb);
Measure("StbImage   RGB  ", () => ImageResult.FromMemory(colourPng, ColorComponents.RedGreenBlue).Data, rgb);
Measure("Inflate    RGB  ", () => PngWriter.InflateAndUnfilter(colourPng, Height, Width, 3), rgb);
Measure("SkiaSharp  label", () => SkiaDecoding.Gray(labelPng), gray);
Measure("StbImage   label", () => ImageResult.FromMemory(labelPng, ColorComponents.Grey).Data, gray);
Measure("Inflate    label", () => PngWriter.InflateAndUnfilter(labelPng, Height, Width, 1), gray);

foreach (SKPngEncoderFilterFlags filter in new[] { SKPngEncoderFilterFlags.Sub, SKPngEncoderFilterFlags.AllFilters })
    foreach (int level in new[] { 1, 6 })
    {
        byte[] encoded = [];
        double ms = Median(() => encoded = SkiaDecoding.Encode(rgb, Height, Width, filter, level));
        Console.WriteLine($"SkiaSharp encode RGB, {filter}, level {level}: {ms:F1} ms, {encoded.Length / 1e6:F2} MB; decode {Median(() => SkiaDecoding.Rgb(encoded)):F1} ms");
    }

static void Measure(string name, Func<byte[]> decode, byte[] expected)
{
    // A figure for wrong pixels is worth nothing, so the result is checked first.
    bool exact = decode().AsSpan().SequenceEqual(expected);
    Console.WriteLine($"{name}: {Median(() => decode()):F1} ms, {(exact ? "exact" : "DIFFERENT PIXELS")}");
}

static double Median(Action action)
{
    for (int i = 0; i < 3; i++)
    {
        action();
    }

    var times = new double[Runs];
    for (int i = 0; i < Runs; i++)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    Array.Sort(times);
    return times[Runs / 2];
}
