using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tessera.Cli.Terminal;

/// <summary>The JSON in which commands write what they found, for programs.</summary>
internal static class ReportJson
{
    /// <summary>Keys in snake_case, indented.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // paths and names stay readable; this is no web page
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>A measure as JSON can hold it: null for NaN and the infinities.</summary>
    public static double? Number(double value) => double.IsFinite(value) ? value : null;
}
