using System.Globalization;
using Tessera.Compiler;
using Tessera.Runtime;

namespace Tessera.Cli.Terminal;

/// <summary>Shows the summary of a compilation; the HTML report has the rest.</summary>
internal static class CompilationReport
{
    private const int ShownLayers = 8;

    /// <summary>Writes the figures and the slowest layers.</summary>
    public static void Write(CommandConsole console, CompilationResult result)
    {
        PerformanceEstimate estimate = result.Estimate;
        MemoryReport memory = result.Memory;
        TextTable table = console.NewTable();
        table.AddColumn("per frame");
        table.AddNumberColumns("");
        Row("multiply-adds", $"{estimate.Macs / 1e9:0.000000} G");
        if (estimate.MeasuredMilliseconds is { } measured)
        {
            Row("measured on this machine, 1 thread", $"{measured:0.00} ms");
            Row("frames per second, measured", $"{1000 / measured:0.0}");
        }

        Row("estimated latency, 1 core", $"{estimate.LatencyMilliseconds:0.000} ms");
        Row("estimated frames per second, 1 core", $"{estimate.FramesPerSecond:0.0}");
        Row($"estimated frames per second, {estimate.March.Cores} cores", $"{estimate.PipelinedFramesPerSecond:0.0}");
        Row("loaded and stored", $"{estimate.DdrBytes / 1e6:0.00} MB");
        Row("weights", $"{memory.StaticBytes / 1e6:0.000} MB");
        Row("activations", $"{memory.ArenaBytes / 1e6:0.000} MB (no plan in this order needs less than {memory.LowerBoundBytes / 1e6:0.000})");
        console.WriteTable($"{result.Compiled.Program.Name}, march {estimate.March.Name}, --opt {result.Compiled.Info.OptLevel}", table);
        WriteLayers(console, estimate);
        IReadOnlyList<string> slow = estimate.March.Executable ? SlowLayers.Lines(result.Compiled.Program, KernelSet.Best) : [];
        foreach (string remark in result.Check.Remarks.Concat(slow))
        {
            console.Out.WriteLine($"remark: {remark}");
        }

        console.Out.WriteLine(estimate.Basis);

        void Row(string name, FormattableString value) => table.AddRow(name, value.ToString(CultureInfo.InvariantCulture));
    }

    private static void WriteLayers(CommandConsole console, PerformanceEstimate estimate)
    {
        TextTable table = console.NewTable();
        table.AddColumn("layer");
        table.AddNumberColumns("kind", "million multiply-adds", "estimated ms", "measured ms");

        foreach (InstructionEstimate layer in estimate.Layers.OrderByDescending(layer => layer.MeasuredMilliseconds ?? layer.Milliseconds).Take(ShownLayers))
        {
            table.AddRow(
                layer.Name,
                layer.Kind.ToString(),
                (layer.Macs / 1e6).ToString("0.0", CultureInfo.InvariantCulture),
                layer.Milliseconds.ToString("0.000", CultureInfo.InvariantCulture),
                layer.MeasuredMilliseconds?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-");
        }

        console.WriteTable($"the {ShownLayers} slowest layers", table);
    }
}
