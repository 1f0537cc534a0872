using System.Globalization;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Shows a calibration.</summary>
internal sealed class CalibrationLog(CommandConsole console) : ICalibrationCallback
{
    private const int ShownSaturations = 5;

    private readonly EvaluationBar _observation = new(console, "observing");
    private readonly EvaluationBar _validation = new(console, "validating");

    /// <inheritdoc/>
    public void ObservationAdvances(EvaluationProgress report) => _observation.Report(report);

    /// <inheritdoc/>
    public void ValidationAdvances(EvaluationProgress report)
    {
        _observation.Clear();
        _validation.Report(report);
    }

    /// <summary>Takes the bars away.</summary>
    public void Clear()
    {
        _observation.Clear();
        _validation.Clear();
    }

    /// <summary>Says what was found.</summary>
    public void WriteResult(CalibrationResult result)
    {
        console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Observed {result.Images} images; {result.Scales.Count} convolutions, scales from {result.Scales.Min(scale => scale.Scale):G4} to {result.Scales.Max(scale => scale.Scale):G4}; {Duration.Text(result.Seconds)}."));
        console.Out.WriteLine("Values at the end of the int8 range on validation images, the largest shares:");
        foreach (ScaleSummary scale in result.Scales.OrderByDescending(scale => scale.SaturatedShare).Take(ShownSaturations))
        {
            console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {scale.SaturatedShare * 100:0.000} %  {scale.Node}"));
        }
    }
}
