using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Writes all that a calibration found as JSON; keys stay as they are from version to version.</summary>
internal static class CalibrationReportJson
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // names stay readable; this is no web page
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    /// <summary>The text. Shares are fractions 0..1, errors steps of the output; null where there is no number.</summary>
    public static string Write(CalibrationResult result) => JsonSerializer.Serialize(
        new
        {
            result.Images,
            result.Seconds,
            MeanIou = Number(result.Metrics.MeanIoU),
            result.Problems,
            Findings = CalibrationFinding.Of(result),
            Nodes = result.Scales.Select(scale => new
            {
                Name = scale.Node,
                scale.Scale,
                SaturatedShare = Number(scale.SaturatedShare),
                scale.Report.LargestMagnitude,
                RootMeanSquare = Number(scale.Report.RootMeanSquare),
                Drift = Number(scale.Report.Drift),
                scale.Report.SilentChannels,
                Channels = scale.Report.Channels,
            }),
        },
        Json);

    private static double? Number(double value) => double.IsFinite(value) ? value : null;
}
