using System.Collections.Immutable;
using System.Globalization;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Shows a calibration.</summary>
internal sealed class CalibrationLog(CommandConsole console) : ICalibrationCallback
{
    private const int Shown = 5;

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
        ImmutableArray<CalibrationFinding> findings = CalibrationFinding.Of(result);
        console.Out.WriteLine(findings.IsEmpty
            ? $"No convolution stands out. Every one is in {report}."
            : $"What stands out, the worst first{(findings.Length > Shown ? $" ({Shown} of {findings.Length})" : "")}; every convolution is in {report}:");
        foreach (CalibrationFinding finding in findings.Take(Shown))
        {
            console.Out.WriteLine($"  {finding.Node}: {finding.Text}");
        }
    }
}
