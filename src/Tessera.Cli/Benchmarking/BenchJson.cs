using System.Text.Json;
using Tessera.Cli.Terminal;

namespace Tessera.Cli.Benchmarking;

/// <summary>Writes what <c>bench</c> found as JSON; keys stay as they are from version to version.</summary>
internal static class BenchJson
{
    /// <summary>The text. Times are milliseconds, sizes bytes, rates per second.</summary>
    public static string Write(BenchResult result) => JsonSerializer.Serialize(
        new
        {
            Machine = new
            {
                result.Machine.Processor,
                result.Machine.Cores,
                result.Machine.Tessera,
                result.Machine.Kernels,
                Dotnet = result.Machine.DotNet,
                Onnxruntime = result.Machine.OnnxRuntime,
            },
            result.Network,
            result.InputShape,
            result.Origin,
            result.Macs,
            Runners = result.Runners.Select(runner => new
            {
                runner.Id,
                runner.Name,
                runner.Threads,
                MedianMs = runner.Median,
                P99Ms = runner.Percentile99,
                LeastMs = runner.Milliseconds.Min(),
                runner.FramesPerSecond,
                TimesTessera = result.TimesTessera(runner),
                LoadMs = runner.Cold?.LoadMilliseconds,
                FirstMs = runner.Cold?.FirstMilliseconds,
                PeakMemoryBytes = runner.Cold?.PeakBytes,
                runner.EqualPixels,
                FrameMs = runner.Milliseconds,
            }),
            result.Peaks,
            result.LayerThreads,
            Layers = result.Layers.Select(layer => new
            {
                layer.Name,
                layer.Kernel,
                layer.Shape,
                Ms = layer.Milliseconds,
                layer.Macs,
                layer.Bytes,
                layer.MacsPerSecond,
                layer.BytesPerSecond,
            }),
            result.Remarks,
        },
        ReportJson.Options);
}
