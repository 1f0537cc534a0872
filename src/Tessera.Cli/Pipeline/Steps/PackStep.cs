using System.Diagnostics;
using System.Globalization;
using Tessera.Cli.Commands;
using Tessera.Cli.Terminal;
using Tessera.Data;

namespace Tessera.Cli.Pipeline;

/// <summary>Packs a split under a progress bar.</summary>
internal static class PackStep
{
    /// <summary>Packs.</summary>
    /// <inheritdoc cref="Packer.Run"/>
    public static Result Run(CommandContext context, PackOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        using var bar = new ProgressBar(context.Console, $"packing {options.SplitName}", "images");
        PackResult pack = Packer.Run(options, new BarProgress<PackProgress>(bar, report => (report.Done, report.Total)), context.Cancellation);
        bar.Clear();
        foreach (string note in pack.Notes)
        {
            context.Console.Error.WriteLine($"note: {note}");
        }

        return new Result(pack, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>What was packed.</summary>
    /// <param name="Pack">The pack.</param>
    /// <param name="Elapsed">The time it took.</param>
    internal sealed record Result(PackResult Pack, TimeSpan Elapsed)
    {
        /// <summary>The result in one line, and a note where there is something to say.</summary>
        public string Text => string.Create(
            CultureInfo.InvariantCulture,
            $"Packed {Pack.Count} images into {Pack.Path}: {Pack.Bytes / 1e6:0.0} MB in {Duration.Text(Elapsed)} ({Pack.Count / Elapsed.TotalSeconds:0.0} images/s).") + UnfinishedNote.Of(Pack.LeftBehind);
    }
}
