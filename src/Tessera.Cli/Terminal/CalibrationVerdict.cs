using Tessera.Cli.Configuration;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Says when calibration has lost accuracy against the float network that it started from, and what may bring it back without training.</summary>
internal static class CalibrationVerdict
{
    // A third of a point: less is what a few dozen images cannot tell from chance.
    private const double Noticeable = 0.003;

    /// <summary>The verdict; null where next to nothing is lost, or the float network has no score.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="result">What calibration gave.</param>
    /// <exception cref="Core.BadFileException">The float checkpoint cannot be read.</exception>
    public static string? Of(TesseraConfig config, CalibrationResult result)
    {
        double before = new CheckpointStore(config.CkptDir, TrainingStage.Float).ReadBest(config.TrainingGraph()).State.Metric, after = result.Metrics.MeanIoU;
        if (!(before - after >= Noticeable))
        {
            return null;
        }

        CalibrationConfig calibration = config.CalibrationTrainer;
        string[] off =
        [
            .. calibration.CorrectBias ? Array.Empty<string>() : ["correct_bias"],
            .. calibration.Equalize ? Array.Empty<string>() : ["equalize"],
            .. calibration.AdaptRounding ? Array.Empty<string>() : ["adaptive_rounding"],
        ];
        string keys = off.Length == 0 ? "" : $"Try what needs no training, each alone first: {string.Join(", ", off.Select(key => $"--set calibration_trainer.{key}=true"))}. ";
        return $"Calibration lost {MetricReport.Percent(before - after)} of the float network's mIoU of {MetricReport.Percent(before)}. {keys}`tessera analyze --stage calibration` says which layers lose it; stage qat trains around it.";
    }
}
