using System.Diagnostics;
using Tessera.Benchmarks.BatchPreprocessing;
using Tessera.Imaging;

// Preprocessing of one 1024×2048 training sample on one thread: remap, affine, YUV444, normalise, five shrunken labels; class indices
// against the one-hot formulation. Usage: BatchPreprocessing
const int Height = 1024, Width = 2048, Runs = 15;
double[] scales = [0.61, 1.0, 1.37, 1.9];

(byte[] rgb, byte[] ids) = Scene();
var oneHot = new OneHotPreprocessing(Height, Width);
var index = new IndexPreprocessing(Height, Width);
Console.WriteLine($".NET {Environment.Version}, {Environment.ProcessorCount} cores, {Height}x{Width}, best of {Runs} runs on one thread (other work may share the machine)");
foreach (double scale in scales)
{
    // A figure for other values is worth nothing, so the values are compared first.
    oneHot.Run(rgb, ids, scale);
    index.Run(rgb, ids, scale);
    bool same = oneHot.Label().AsSpan().SequenceEqual(index.Label)
        && index.Coarse.All(pair => OneHotPreprocessing.ToIndices(oneHot.Coarse[pair.Key]).AsSpan().SequenceEqual(pair.Value))
        && oneHot.Image.Zip(index.Image).All(pair => pair.First * 128 == pair.Second);
    double slow = Best(() => oneHot.Run(rgb, ids, scale)), fast = Best(() => index.Run(rgb, ids, scale));
    Console.WriteLine($"scale {scale}: one-hot {slow:F1} ms, indices {fast:F2} ms, ratio {slow / fast:F1}, {(same ? "same values" : "DIFFERENT VALUES")}");
    Console.WriteLine(
        $"  remap {Best(() => index.Remap(ids)):F2}, affine image {Best(() => index.AffineImage(rgb, scale)):F2}, affine label {Best(() => index.AffineLabel(scale)):F2}, "
        + $"YUV {Best(index.Convert):F2}, five labels {Best(index.Shrink):F2} ms");
}

var yuv = new sbyte[rgb.Length];
Console.WriteLine($"YUV444 of {Height}x{Width}: pixel by pixel {Best(() => Plain(rgb, yuv)):F2} ms, as the library does it {Best(() => Yuv444.FromRgb(rgb, yuv, Height, Width, YuvSwing.Full)):F2} ms");

// Smooth colours with noise, and areas of label ids as street scenes have them.
static (byte[] Rgb, byte[] Ids) Scene()
{
    var random = new Random(1);
    byte[] rgb = new byte[Height * Width * 3], ids = new byte[Height * Width];
    Array.Fill(ids, (byte)7);
    for (int n = 0; n < 400; n++)
    {
        byte id = (byte)random.Next(34);
        int top = random.Next(Height), left = random.Next(Width), bottom = Math.Min(Height, top + random.Next(8, 200)), right = Math.Min(Width, left + random.Next(8, 300));
        for (int y = top; y < bottom; y++)
        {
            ids.AsSpan((y * Width) + left, right - left).Fill(id);
        }
    }

    for (int i = 0; i < rgb.Length; i++)
    {
        rgb[i] = (byte)Math.Clamp((ids[i / 3] * 7) + random.Next(-20, 21), 0, 255);
    }

    return (rgb, ids);
}

static void Plain(byte[] rgb, sbyte[] yuv)
{
    for (int i = 0; i + 2 < rgb.Length && i + 2 < yuv.Length; i += 3)
    {
        int r = rgb[i], g = rgb[i + 1], b = rgb[i + 2];
        yuv[i] = (sbyte)((((77 * r) + (150 * g) + (29 * b) + 128) >> 8) - 128);
        yuv[i + 1] = (sbyte)(((-43 * r) - (84 * g) + (127 * b) + 128) >> 8);
        yuv[i + 2] = (sbyte)(((127 * r) - (106 * g) - (21 * b) + 128) >> 8);
    }
}

static double Best(Action action)
{
    action();
    action();
    var times = new double[Runs];
    for (int i = 0; i < Runs; i++)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    return times.Min();
}
