using System.Globalization;
using Tessera.Cli.Terminal;

namespace Tessera.Cli.Benchmarking;

/// <summary>Shows what <c>bench</c> found.</summary>
internal static class BenchReport
{
    private const int ShownLayers = 15;

    /// <summary>Writes the tables and what they mean.</summary>
    public static void Write(CommandConsole console, BenchResult result)
    {
        BenchMachine machine = result.Machine;
        console.Out.WriteLine($"{machine.Processor}, {machine.Cores} {(machine.Cores == 1 ? "core" : "cores")}; Tessera {machine.Tessera} with kernels {machine.Kernels}; .NET {machine.DotNet}"
            + (machine.OnnxRuntime is null ? "" : $"; ONNX Runtime {machine.OnnxRuntime}"));
        console.Out.WriteLine($"{result.Network} at {result.InputShape}, image in, class map out; {Text($"{result.Macs / 1e9:0.000000}")} G multiply-adds; {result.Origin}");
        console.Out.WriteLine();
        WriteRunners(console, result);
        WritePeaks(console, result.Peaks);
        WriteLayers(console, result);
        foreach (string remark in result.Remarks)
        {
            console.Out.WriteLine($"remark: {remark}");
        }

        WriteRatios(console, result);
    }

    private static void WriteRunners(CommandConsole console, BenchResult result)
    {
        TextTable table = NumberTable(console, "runner", "threads", "median ms", "p99 ms", "frames/s", "time / Tessera's", "load ms", "first frame ms", "peak memory MB", "pixels as Tessera");
        foreach (RunnerTimes runner in result.Runners)
        {
            table.AddRow(
                runner.Name,
                Text($"{runner.Threads}"),
                Text($"{runner.Median:0.00}"),
                Text($"{runner.Percentile99:0.00}"),
                Text($"{runner.FramesPerSecond:0.0}"),
                result.TimesTessera(runner) is { } ratio ? Ratio(ratio) : "-",
                runner.Cold is { } cold ? Text($"{cold.LoadMilliseconds:0.0}") : "-",
                runner.Cold is { } start ? Text($"{start.FirstMilliseconds:0.0}") : "-",
                runner.Cold?.PeakBytes is { } peak ? Text($"{peak / 1e6:0.0}") : "-",
                Text($"{100 * runner.EqualPixels:0.00} %"));
        }

        int rounds = result.Runners[0].Milliseconds.Count;
        console.WriteTable($"{rounds} {(rounds == 1 ? "round" : "rounds")}, each runner one frame in each round; load, first frame and peak memory (without the image) in a fresh process", table);
    }

    private static void WritePeaks(CommandConsole console, IReadOnlyList<PeakRates> peaks)
    {
        TextTable table = NumberTable(console, "peaks of this machine", "int8 GMAC/s", "memory GB/s", "cache GB/s");
        foreach (PeakRates peak in peaks)
        {
            table.AddRow(
                $"{peak.Threads} {(peak.Threads == 1 ? "thread" : "threads")}, {peak.Instructions}",
                Text($"{peak.MacsPerSecond / 1e9:0}"),
                Text($"{peak.MemoryBytesPerSecond / 1e9:0.0}"),
                Text($"{peak.CacheBytesPerSecond / 1e9:0}"));
        }

        console.WriteTable("measured just now: multiply-adds on registers, reading from memory, reading 256 KB again and again", table);
    }

    private static void WriteLayers(CommandConsole console, BenchResult result)
    {
        PeakRates peak = result.Peaks.FirstOrDefault(peak => peak.Threads == result.LayerThreads) ?? result.Peaks[0];
        double total = result.Layers.Sum(layer => layer.Milliseconds);
        TextTable table = NumberTable(console, "layer", "kernel", "result", "ms", "share", "GMAC/s", "of peak", "GB/s", "of memory's");
        LayerRate[] slowest = [.. result.Layers.OrderByDescending(layer => layer.Milliseconds).Take(ShownLayers)];
        foreach (LayerRate layer in slowest)
        {
            Row(layer.Name, layer.Kernel, layer.Shape, layer.Milliseconds, layer.Macs, layer.Bytes);
        }

        LayerRate[] rest = [.. result.Layers.Except(slowest)];
        if (rest.Length > 0)
        {
            Row($"the other {rest.Length}", "", "", rest.Sum(layer => layer.Milliseconds), rest.Sum(layer => layer.Macs), rest.Sum(layer => layer.Bytes));
        }

        Row("all", "", "", total, result.Layers.Sum(layer => layer.Macs), result.Layers.Sum(layer => layer.Bytes));
        console.WriteTable($"Tessera's slowest layers, {result.LayerThreads} {(result.LayerThreads == 1 ? "thread" : "threads")}; bytes are inputs, constants and result, each once, wherever they lie", table);

        void Row(string name, string kernel, string shape, double milliseconds, long macs, long bytes)
        {
            double seconds = milliseconds / 1000;
            bool computes = macs > 0 && seconds > 0;
            table.AddRow(
                name,
                kernel,
                shape,
                Text($"{milliseconds:0.000}"),
                Text($"{100 * milliseconds / total:0.0} %"),
                computes ? Text($"{macs / seconds / 1e9:0.0}") : "-",
                computes ? Text($"{100 * macs / seconds / peak.MacsPerSecond:0.0} %") : "-",
                seconds > 0 ? Text($"{bytes / seconds / 1e9:0.0}") : "-",
                seconds > 0 ? Text($"{100 * bytes / seconds / peak.MemoryBytesPerSecond:0} %") : "-");
        }
    }

    private static void WriteRatios(CommandConsole console, BenchResult result)
    {
        foreach (IGrouping<int, RunnerTimes> group in result.Runners.GroupBy(runner => runner.Threads))
        {
            if (group.FirstOrDefault(runner => runner.Id == RunnerTimes.Tessera) is not { } tessera)
            {
                continue;
            }

            string threads = $"{group.Key} {(group.Key == 1 ? "thread" : "threads")}";
            IEnumerable<string> peers = group.Where(runner => runner != tessera).Select(runner => $"{runner.Name} takes {Ratio(result.TimesTessera(runner)!.Value)} times as long");
            RunnerTimes? single = result.Runners.FirstOrDefault(runner => runner.Id == RunnerTimes.Tessera && runner.Threads == 1);
            IEnumerable<string> scaling = group.Key > 1 && single is not null ? [Text($"{BenchStatistics.PairedRatio(single.Milliseconds, tessera.Milliseconds):0.00} times as fast as on one")] : [];
            console.Out.WriteLine(string.Join("; ", [Text($"{threads}: Tessera takes {tessera.Median:0.00} ms"), .. scaling, .. peers]) + ".");
        }
    }

    private static TextTable NumberTable(CommandConsole console, string first, params ReadOnlySpan<string> numbers)
    {
        TextTable table = console.NewTable();
        table.AddColumn(first);
        table.AddNumberColumns(numbers);

        return table;
    }

    private static string Ratio(double ratio) => ratio < 0.1 ? Text($"{ratio:0.0000}") : Text($"{ratio:0.00}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
