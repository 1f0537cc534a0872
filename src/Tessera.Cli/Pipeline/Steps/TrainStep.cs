using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>Runs a stage of training with a line for each epoch.</summary>
internal static class TrainStep
{
    // Of a large network on few cores, and its checkpoint on a slow disk.
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(5);

    /// <summary>Trains stage float or qat.</summary>
    /// <returns>The result, and the validation of the best epoch with its number, as <see cref="TrainingLog.Best"/>; null where no epoch was left to do.</returns>
    /// <exception cref="OperationCanceledException">The run was interrupted; what was finished is saved.</exception>
    /// <inheritdoc cref="TrainingRun.Train"/>
    public static (TrainingResult Result, (int Epoch, MetricTable Metrics)? Best) Train(CommandContext context, TesseraConfig config, TrainingStage stage, StartOptions start, bool isShort)
    {
        var log = new TrainingLog(context.Console);
        TrainingResult result;
        context.AllowToEnd(LongestStep);
        using CancellationTokenRegistration notice = context.Cancellation.Register(() => context.Console.Error.WriteLine("\nStopping after this step; the checkpoint is then written. Ctrl-C once more ends at once."));
        try
        {
            result = TrainingRun.Train(context, config, stage, start, isShort, log);
        }
        finally
        {
            context.AllowToEnd(StopSignals.Usual);
            log.Clear();
        }

        if (result.IsInterrupted)
        {
            context.Console.Error.WriteLine(
                result.UnfinishedSteps > 0 ? $"Interrupted in epoch {result.FinishedEpochs + 1} after {result.UnfinishedSteps} of its steps; `tessera train` with --resume continues there."
                : result.FinishedEpochs > 0 ? $"Interrupted after {result.FinishedEpochs} finished epochs; `tessera train` with --resume continues."
                : "Interrupted before an epoch was finished, so there is nothing to continue: the same command begins again.");
            throw new OperationCanceledException(context.Cancellation);
        }

        if (result.FirstEpoch == result.FinishedEpochs)
        {
            string name = TrainingStages.NameOf(stage);
            context.Console.Out.WriteLine($"No epoch is left to do: {result.FinishedEpochs} are finished. Raise {name}_trainer.num_epochs to train on.");
        }

        if (stage == TrainingStage.Qat && QatVerdict.Of(config) is { } verdict)
        {
            context.Console.Out.WriteLine(verdict);
        }

        return (result, log.Best);
    }

    /// <summary>Runs the calibration stage and says what was found.</summary>
    /// <inheritdoc cref="TrainingRun.Calibrate"/>
    public static CalibrationResult Calibrate(CommandContext context, TesseraConfig config, bool allowChanges, bool isShort)
    {
        var log = new CalibrationLog(context.Console);
        CalibrationResult result;
        try
        {
            result = TrainingRun.Calibrate(context, config, allowChanges, isShort, log);
        }
        finally
        {
            log.Clear();
        }

        string report = RunFiles.CalibrationReport(config);
        AtomicFile.WriteText(report, CalibrationReportJson.Write(result));
        log.WriteResult(result, report);
        if (!isShort && CalibrationVerdict.Of(config, result) is { } verdict)
        {
            context.Console.Out.WriteLine(verdict);
        }

        return result;
    }
}
