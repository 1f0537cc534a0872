using System.Text.Json;
using Tessera.Training;

namespace Tessera.Cli.Terminal;

/// <summary>Writes all that a calibration found as JSON; keys stay as they are from version to version.</summary>
internal static class CalibrationReportJson
{
    /// <summary>The text. Shares are fractions 0..1, errors steps of the output; null where there is no number.</summary>
    public static string Write(CalibrationResult result) => JsonSerializer.Serialize(
        new
        {
            result.Images,
            result.Seconds,
            MeanIou = ReportJson.Number(result.Metrics.MeanIoU),
            result.Problems,
            ReestimatedBatchNorm = result.IsBatchNormReestimated,
            BatchNorms = result.BatchNorms.Select(norm => new { Name = norm.Node, norm.Shift, norm.Ratio }),
            Findings = CalibrationFinding.Of(result),
            Nodes = result.Scales.Select(scale => new
            {
                Name = scale.Node,
                scale.Scale,
                SaturatedShare = ReportJson.Number(scale.SaturatedShare),
                scale.Report.LargestMagnitude,
                RootMeanSquare = ReportJson.Number(scale.Report.RootMeanSquare),
                Drift = ReportJson.Number(scale.Report.Drift),
                scale.Report.SilentChannels,
                Channels = scale.Report.Channels,
            }),
        },
        ReportJson.Options);
}
