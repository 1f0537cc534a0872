using System.Diagnostics;
using System.Globalization;
using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>Scores a predictor over the validation images under a progress bar.</summary>
internal static class PredictStep
{
    /// <summary>Scores a stage.</summary>
    /// <param name="context">Console and cancellation.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="stage">One of <see cref="Predictors.Stages"/>.</param>
    /// <param name="checkpoint">The checkpoint; null for the run's best one.</param>
    /// <param name="size">The size at which predictions and labels are compared.</param>
    /// <param name="trustData">Score although the pack has other classes.</param>
    /// <exception cref="Core.BadFileException">The data or the checkpoint is missing or wrong.</exception>
    public static Result Run(CommandContext context, TesseraConfig config, string stage, string? checkpoint, EvalSize size, bool trustData = false)
    {
        ISegmentationPredictor predictor = Predictors.Of(context.Console, config, stage, checkpoint);
        using var owned = predictor as IDisposable;

        // The reference executor uses one core for an image, so a batch has an image for each; the result does not depend on it.
        return Run(context, config, stage, predictor, size, stage == Predictors.IntInfer ? Environment.ProcessorCount : null, trustData);
    }

    /// <summary>Scores a predictor.</summary>
    /// <param name="context">Console and cancellation.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="name">What predicts, for the bar.</param>
    /// <param name="predictor">It.</param>
    /// <param name="size">The size at which predictions and labels are compared.</param>
    /// <param name="batchSize">Images in a batch; null for the configuration's.</param>
    /// <param name="trustData">Score although the pack has other classes.</param>
    /// <exception cref="Core.BadFileException">The data are missing or damaged.</exception>
    public static Result Run(CommandContext context, TesseraConfig config, string name, ISegmentationPredictor predictor, EvalSize size, int? batchSize, bool trustData = false)
    {
        using DataSource data = DataSource.ForValidation(config, size, batchSize).RequireClasses(config, trustData);
        using var bar = new EvaluationBar(context.Console, $"predicting {name}");
        long start = Stopwatch.GetTimestamp();
        MetricTable metrics = Evaluation.Run(predictor, data.Batches, config.ClassNames, size, bar, context.Cancellation, config.Metric.BoundaryIoU ? config.Metric.BoundaryWidth : null);
        return new Result(metrics, data.Batches.SampleCount, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>A score.</summary>
    /// <param name="Metrics">The measures.</param>
    /// <param name="Images">Images scored.</param>
    /// <param name="Elapsed">The time it took.</param>
    internal sealed record Result(MetricTable Metrics, int Images, TimeSpan Elapsed)
    {
        /// <summary>The speed in one line.</summary>
        public string Speed => string.Create(
            CultureInfo.InvariantCulture,
            $"{Images} images in {Duration.Text(Elapsed)} ({Images / Elapsed.TotalSeconds:0.00} images/s, reading and scoring included)");
    }
}
