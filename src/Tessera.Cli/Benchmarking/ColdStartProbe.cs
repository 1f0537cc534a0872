using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Tessera.Cli.Diagnostics;

namespace Tessera.Cli.Benchmarking;

/// <summary>Loads a model in a process of its own and runs one frame: nothing is warm, and no other runner's memory is counted.</summary>
internal static class ColdStartProbe
{
    private const string ClearReferences = "/proc/self/clear_refs";
    private const string Status = "/proc/self/status";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Starts the child and reads its answer; null when it did not end in order.</summary>
    /// <param name="config">The configuration's file, which the command line needs.</param>
    /// <param name="path">The model.</param>
    /// <param name="pixels">Pixels of the image.</param>
    /// <param name="threads">Threads of the model.</param>
    /// <param name="cancellation">Ends the child.</param>
    public static ColdStart? Measure(string config, string path, int pixels, int threads, CancellationToken cancellation)
    {
        string[] arguments = ["bench", "-c", config, "--cold-start", path, "--pixels", Number(pixels), "--threads", Number(threads)];
        ChildResult child = ChildProcess.RunSelfAsync(arguments, Limit, cancellation).GetAwaiter().GetResult();
        return child.ExitCode == 0 ? JsonSerializer.Deserialize<ColdStart>(child.Output) : null;
    }

    /// <summary>The child's side.</summary>
    public static void Run(string path, int pixels, int threads, TextWriter output)
    {
        sbyte[] image = BenchImage.Create(pixels);
        if (Path.GetExtension(path) == ".onnx")
        {
            _ = OrtEnv.Instance(); // the library is code, not the model
        }

        GC.Collect();
        long before = ResetPeak();
        long start = Stopwatch.GetTimestamp();
        using IBenchModel model = BenchModels.Load(path, image, threads);
        TimeSpan loaded = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        model.Run();
        TimeSpan first = Stopwatch.GetElapsedTime(start);
        long? peak = before > 0 ? StatusBytes("VmHWM:") - before : null;
        output.WriteLine(JsonSerializer.Serialize(new ColdStart(loaded.TotalMilliseconds, first.TotalMilliseconds, peak)));
    }

    /// <summary>Lets Linux forget the highest resident size so far, and returns the present one; 0 where that is not possible.</summary>
    private static long ResetPeak()
    {
        try
        {
            File.WriteAllText(ClearReferences, "5");
            return StatusBytes("VmRSS:");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return 0; // another system, or a container that forbids it: the peak is then reported as unknown
        }
    }

    private static long StatusBytes(string key)
    {
        string line = File.ReadLines(Status).First(line => line.StartsWith(key, StringComparison.Ordinal));
        return 1024 * long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
