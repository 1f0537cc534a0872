using System.Diagnostics;
using System.Globalization;
using Tessera.Cli.Commands;
using Tessera.Cli.Terminal;
using Tessera.Synthetic;

namespace Tessera.Cli.Pipeline;

/// <summary>Draws synthetic streets under a progress bar.</summary>
internal static class SynthStep
{
    /// <summary>Draws and writes the data set.</summary>
    /// <exception cref="Core.UsageException">An option is out of its range, or the target holds something.</exception>
    /// <exception cref="Core.BadFileException">The target cannot be written.</exception>
    public static Result Run(CommandContext context, SyntheticOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        using var bar = new ProgressBar(context.Console, "drawing", "images");
        SyntheticResult streets = SyntheticDataset.Write(options, new BarProgress<SyntheticProgress>(bar, report => (report.Done, report.Total)), context.Cancellation);
        return new Result(streets, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>What was drawn.</summary>
    /// <param name="Streets">The data set.</param>
    /// <param name="Elapsed">The time it took.</param>
    internal sealed record Result(SyntheticResult Streets, TimeSpan Elapsed)
    {
        /// <summary>The result in one line, and a note where there is something to say.</summary>
        public string Text => string.Create(
            CultureInfo.InvariantCulture,
            $"Drew {Streets.NumTrain} training and {Streets.NumVal} validation images into {Streets.Path}: {Streets.Bytes / 1e6:0.0} MB in {Duration.Text(Elapsed)} ({(Streets.NumTrain + Streets.NumVal) / Elapsed.TotalSeconds:0.0} images/s).") + UnfinishedNote.Of(Streets.LeftBehind);
    }
}
