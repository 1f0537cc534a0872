using System.Globalization;
using Tessera.Cli.Configuration;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Says when QAT has not beaten the calibrated network that it started from, and what to change.</summary>
internal static class QatVerdict
{
    /// <summary>The verdict on the QAT of a run's folder; null where QAT is the better one, or has no epoch or no score yet.</summary>
    /// <param name="config">The configuration.</param>
    /// <exception cref="Core.BadFileException">The best checkpoint or the history cannot be read.</exception>
    public static string? Of(TesseraConfig config)
    {
        var store = new CheckpointStore(config.CkptDir, TrainingStage.Qat);
        if (!File.Exists(store.BestPath) || store.ReadBest(config.TrainingGraph()).State is not { Step: 0 } start)
        {
            return null;
        }

        double[] scores = [.. TrainingHistory.Open(config.CkptDir).Entries
            .Where(entry => entry.Stage == TrainingStages.NameOf(TrainingStage.Qat)).Select(entry => entry.MeanIoU).OfType<double>()];
        if (scores.Length == 0)
        {
            return null;
        }

        return $"QAT did not beat calibration: its best epoch has mIoU {MetricReport.Percent(scores.Max())}, the calibrated network {MetricReport.Percent(start.Metric)}. "
            + $"{store.BestPath} therefore holds the calibrated network. {Advice(config.QatTrainer, scores)}";
    }

    private static string Advice(TrainerConfig trainer, double[] scores) => scores.Length > 1 && scores[^1] > scores[..^1].Max()
        ? $"The last epoch was the best: train longer, with qat_trainer.num_epochs above {trainer.NumEpochs}."
        : string.Create(
            CultureInfo.InvariantCulture,
            $"Try a smaller rate (--set qat_trainer.optimizer.lr={trainer.Rate / 10:G3}; it was {trainer.Rate:G3}); if it then rises to the end, more epochs (qat_trainer.num_epochs).");
}
