using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Training;

namespace Tessera.Cli.Analysis;

/// <summary>What an analysis of a run gave.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="Graph">The network that was analysed.</param>
/// <param name="Result">What was measured.</param>
/// <param name="Layers">Every layer with its verdict, the one that loses most first.</param>
/// <param name="Announced">How long it was said to take, in seconds; null where it was over before that could be told.</param>
/// <param name="Elapsed">How long it took, in seconds.</param>
/// <param name="Available">Images that the pack has.</param>
internal sealed record AnalysisSummary(string Stage, Graph Graph, AnalysisResult Result, ImmutableArray<JudgedLayer> Layers, double? Announced, double Elapsed, int Available);

/// <summary>Analyses the network that a stage left, on images of the validation pack.</summary>
internal static class AnalyzeStep
{
    /// <summary>Analyses.</summary>
    /// <param name="context">Console and cancellation.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="options">What to analyse.</param>
    /// <exception cref="UsageException">An option is out of its range.</exception>
    /// <exception cref="BadFileException">The checkpoint or the data are missing or wrong, or have no label.</exception>
    /// <exception cref="WorkException">An activation is NaN or infinite.</exception>
    public static AnalysisSummary Run(CommandContext context, TesseraConfig config, AnalyzeOptions options)
    {
        options.Require();
        Network network = StageNetwork.Deploy(StageNetwork.Load(context.Console, config, options.Stage, options.Checkpoint).Network);
        WarnOfZeros(context.Console, network);
        using DataSource data = DataSource.ForAnalysis(config, options.Size).RequireClasses(config, options.TrustData);
        using var analysis = new LayerAnalysis(network, config.ClassNames, options.Size);
        using var bar = new ProgressBar(context.Console, "analysing", "images");
        AnalysisPace pace = AnalysisPace.Start(Math.Min(options.Images, data.Batches.SampleCount), options.Seconds);
        long start = Stopwatch.GetTimestamp();
        foreach (SegmentationBatch batch in data.Batches.Epoch(0, context.Cancellation))
        {
            bool goesOn;
            using (batch)
            {
                analysis.Take(batch, context.Cancellation);
                goesOn = pace.Next();
            }

            if (pace.IsPlannedNow)
            {
                Announce(context.Console, pace, analysis.LayerCount, options);
            }

            bar.Report(pace.Done, pace.Images);
            if (!goesOn)
            {
                break;
            }
        }

        bar.Clear();
        if (pace.IsLate)
        {
            context.Console.Error.WriteLine($"note: the machine became slower than it was for the first images; {pace.Done} of the {pace.Images} planned images were analysed. Give more time with --seconds.");
        }

        AnalysisResult result = analysis.Result();
        return new AnalysisSummary(
            TrainingStages.NameOf(options.Stage), network.Graph, result, JudgedLayer.Of(result, network), pace.Announced, Stopwatch.GetElapsedTime(start).TotalSeconds, data.Batches.SampleCount);
    }

    private static void Announce(CommandConsole console, AnalysisPace pace, int layers, AnalyzeOptions options)
    {
        string fewer = pace.Images < options.Images && pace.Images < pace.Wanted
            ? string.Create(CultureInfo.InvariantCulture, $"; {pace.Wanted} images do not fit in --seconds {options.Seconds}") : "";
        console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pace.Images} images, each with every one of {layers} layers quantized alone: about {Duration.Text(pace.Announced!.Value)} in all{fewer}."));
    }

    private static void WarnOfZeros(CommandConsole console, Network network)
    {
        foreach (Node node in network.Graph.Nodes.Where(node => node.Op is Conv2d && !network.Parameters[Conv2d.WeightName(node.Name)].ContainsAnyExcept(0f)))
        {
            console.Error.WriteLine($"warning: every weight of {node.Name} is 0, so it passes nothing on but its bias, and no choice of scales changes that. Train in float again (a smaller float_trainer.optimizer.weight_decay), or take another checkpoint with --ckpt.");
        }
    }
}
