using System.Collections.Immutable;
using System.Globalization;
using Tessera.Quantization;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Something about a calibrated convolution that may cost accuracy.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Severity">How far it is beyond what is common; 1 is where it begins to matter.</param>
/// <param name="Text">What it is, and what to change.</param>
internal sealed record CalibrationFinding(string Node, double Severity, string Text)
{
    private const double CommonSaturation = 0.01;
    private const double CommonDrift = 0.1;
    private const double CommonSilence = 0.25;
    private const double CommonBiasError = 0.5;
    private const double CommonClipping = 0.05;
    private const double CommonOutlier = 4; // the range takes at least a quarter of the largest value

    /// <summary>The findings of a calibration, the worst first.</summary>
    public static ImmutableArray<CalibrationFinding> Of(CalibrationResult result) =>
        [.. result.Scales.SelectMany(Of).Where(finding => finding.Severity >= 1).OrderByDescending(finding => finding.Severity)];

    private static IEnumerable<CalibrationFinding> Of(ScaleSummary scale)
    {
        NodeReport report = scale.Report;
        double range = 127.5 * scale.Scale;
        yield return Make(
            scale.SaturatedShare / CommonSaturation,
            $"{scale.SaturatedShare:0.0 %} of its values on validation images lie at the end of int8; its range clips too much. {Rule("activation_observer: widest")}");
        yield return Make(
            report.Drift / CommonDrift,
            $"its scale moved by {report.Drift:0 %} over the last half of the images; it has not settled. Raise calibration_trainer.num_images, or set activation_observer to moving_average.");
        yield return Make(
            (double)report.SilentChannels / report.Channels.Length / CommonSilence,
            $"{report.SilentChannels} of its {report.Channels.Length} channels were 0 on every image: dead, or of use only for what these images do not show.");
        yield return Make(
            report.LargestMagnitude / range / CommonOutlier,
            $"an outlier: the largest value observed, {report.LargestMagnitude:G3}, is {report.LargestMagnitude / range:0.0} times its range ({report.LargestMagnitude / report.RootMeanSquare:0} times its root mean square).");

        int worst = Worst(report, channel => channel.BiasError);
        ChannelReport wrong = report.Channels[worst];
        yield return Make(
            wrong.BiasError / CommonBiasError,
            $"the bias of channel {worst} is wrong by {wrong.BiasError:0.0} steps of the output (multiplier {wrong.Multiplier:G3}).");
        int cut = Worst(report, channel => channel.ClippedWeights);
        yield return Make(
            report.Channels[cut].ClippedWeights / CommonClipping,
            $"{report.Channels.Count(channel => channel.ClippedWeights > CommonClipping)} of its {report.Channels.Length} channels have clipped weights, {report.Channels[cut].ClippedWeights:0 %} of channel {cut}'s: its input is nearly always 0 there, or weight_observer clips.");

        string Rule(string what) => $"To change it: --set \"calibration_trainer.rules=[{{nodes: {scale.Node}, {what}}}]\".";

        CalibrationFinding Make(double severity, FormattableString text) => new(scale.Node, double.IsNaN(severity) ? 0 : severity, text.ToString(CultureInfo.InvariantCulture));
    }

    private static int Worst(NodeReport report, Func<ChannelReport, double> measure) =>
        Enumerable.Range(0, report.Channels.Length).MaxBy(channel => measure(report.Channels[channel]));
}
