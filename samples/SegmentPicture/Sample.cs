using System.Diagnostics;
using System.Globalization;
using Tessera.Core;
using Tessera.Runtime;

namespace Tessera.Samples;

/// <summary>Segments a picture, says what is on it, and lays the class colours over it.</summary>
internal static class Sample
{
    private const string Usage = """
        usage: segment-picture MODEL.tsr PICTURE.png OVERLAY.png [--threads N] [--frames N]

          MODEL.tsr     what 'tessera compile' wrote
          PICTURE.png   8-bit gray or RGB, of any size
          OVERLAY.png   gets the picture with the class colours over it
          --threads N   threads that work on the picture (1)
          --frames N    how often it is segmented, to see the steady time (11)
        """;

    /// <summary>Runs the sample.</summary>
    /// <returns>The exit status: 0 done, 1 for a model or picture that cannot be used, 2 for wrong arguments.</returns>
    public static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
        int threads = 1, frames = 11;
        bool understood = arguments.Length >= 3 && arguments.Length % 2 == 1;
        for (int i = 3; understood && i < arguments.Length; i += 2)
        {
            understood = int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= 1024;
            switch (arguments[i])
            {
                case "--threads": threads = number; break;
                case "--frames": frames = number; break;
                default: understood = false; break;
            }
        }

        if (!understood)
        {
            error.WriteLine(Usage);
            return 2;
        }

        try
        {
            Segment(arguments[0], arguments[1], arguments[2], threads, frames, output);
            return 0;
        }
        catch (Exception fault) when (fault is BadFileException or IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException)
        {
            error.WriteLine($"error: {fault.Message}");
            return 1;
        }
    }

    private static void Segment(string model, string source, string target, int threads, int frames, TextWriter output)
    {
        long start = Stopwatch.GetTimestamp();
        using Segmenter segmenter = Segmenter.Load(model, new SegmenterOptions { Threads = threads });
        double load = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

        Picture picture = PngReader.Read(source);
        var classMap = new byte[segmenter.ClassMap.Count];
        var times = new double[frames];
        for (int i = 0; i < frames; i++)
        {
            start = Stopwatch.GetTimestamp();
            segmenter.Segment(Frame.Rgb(picture.Pixels, picture.Width, picture.Height), classMap);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        double first = times[0];
        Array.Sort(times);
        Line("kernels", $"{segmenter.Kernels.Name}: {segmenter.Kernels.Description}");
        Line("network", $"{segmenter.Input.Height}x{segmenter.Input.Width}, {segmenter.Classes.Count} classes, {segmenter.MemoryBytes / 1e6:0.0} MB for a frame");
        Line("load", $"{load:0.0} ms");
        Line("frame", $"{first:0.0} ms the first, {times[frames / 2]:0.0} ms the median of {frames}, on {threads} {(threads == 1 ? "thread" : "threads")}");
        foreach ((int id, int count) in classMap.CountBy(id => (int)id).OrderByDescending(entry => entry.Value))
        {
            Line(segmenter.Classes.Classes[id].Name, $"{100.0 * count / classMap.Length:0.0} %");
        }

        // Once more, for the overlay: the picture's own memory is both read and written.
        segmenter.SegmentOverlay(Frame.Rgb(picture.Pixels, picture.Width, picture.Height), segmenter.CreatePalette(PixelFormat.Rgb24), picture.Pixels);
        PngWriter.Write(target, picture);
        Line("overlay", $"{target}");

        void Line(string name, FormattableString value) => output.WriteLine($"{name,-16}{value.ToString(CultureInfo.InvariantCulture)}");
    }
}
