using System.Collections.Immutable;
using System.Globalization;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Shows a calibration.</summary>
internal sealed class CalibrationLog(CommandConsole console) : ICalibrationCallback
{
    private const int Shown = 5;
    private const int NormsShown = 2;

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

    /// <summary>Says what was found, the worst first.</summary>
    /// <param name="result">What calibration gave.</param>
    /// <param name="report">The file that has all of it.</param>
    public void WriteResult(CalibrationResult result, string report)
    {
        foreach (string problem in result.Problems)
        {
            console.Error.WriteLine($"warning: {problem}");
        }

        console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Observed {result.Images} images; {result.Scales.Count} convolutions, scales from {result.Scales.Min(scale => scale.Scale):G4} to {result.Scales.Max(scale => scale.Scale):G4}; {Duration.Text(result.Seconds)}."));
        if (NormText(result) is { } norms)
        {
            console.Out.WriteLine(norms);
        }

        ImmutableArray<CalibrationFinding> findings = CalibrationFinding.Of(result);
        console.Out.WriteLine(findings.IsEmpty
            ? $"No convolution stands out. Every one is in {report}."
            : $"What stands out, the worst first{(findings.Length > Shown ? $" ({Shown} of {findings.Length})" : "")}; every convolution is in {report}:");
        foreach (CalibrationFinding finding in findings.Take(Shown))
        {
            console.Out.WriteLine($"  {finding.Node}: {finding.Text}");
        }
    }

    /// <summary>What to say of batch norms; null where all are fit to be folded and none was changed.</summary>
    private static string? NormText(CalibrationResult result)
    {
        BatchNormReport[] unfit = [.. result.BatchNorms.Where(norm => norm.Severity > 1).OrderByDescending(norm => norm.Severity)];
        string worst = string.Join("; ", unfit.Take(NormsShown).Select(norm => string.Create(
            CultureInfo.InvariantCulture, $"{norm.Node}, whose mean is off by {norm.Shift:0.0} standard deviations and whose variance by a factor of {norm.Ratio:0.0}")));
        string found = $"{unfit.Length} of {result.BatchNorms.Length} batch norms remember other statistics than these images have";
        return (unfit.Length > 0, result.IsBatchNormReestimated) switch
        {
            (false, false) => null,
            (false, true) => "Batch norms were estimated anew from these images before they were folded; they remembered the same.",
            (true, true) => $"{found}; all were estimated anew before they were folded. The furthest were {worst}.",
            (true, false) => $"{found}, and are folded as they are: training was too short or its rate too large for them to settle. The furthest are {worst}. "
                + "Train in float longer, or estimate them from these images: --set calibration_trainer.reestimate_batch_norm=true.",
        };
    }
}
