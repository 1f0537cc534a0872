using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tessera.Data;

/// <summary>How often a class occurs.</summary>
/// <param name="TrainId">Its train id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Pixels">Its pixels.</param>
/// <param name="Share">Its share of the pixels that are not ignored, 0 to 1.</param>
/// <param name="Images">Labels in which it occurs.</param>
public sealed record ClassCount(int TrainId, string Name, long Pixels, double Share, int Images);

/// <summary>How often an image size occurs.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Images">Images of this size.</param>
public sealed record SizeCount(int Height, int Width, int Images);

/// <summary>What a check found out about a split.</summary>
/// <param name="Split">Its name.</param>
/// <param name="Samples">Complete pairs, or records.</param>
/// <param name="Sizes">Image sizes, the most frequent first.</param>
/// <param name="DeclaredEncoding">The labels' encoding as declared.</param>
/// <param name="Encoding">The labels' encoding as it looks, judged from all splits with the same declared encoding; null where no label could be read, or their values fit no encoding.</param>
/// <param name="Pixels">All label pixels.</param>
/// <param name="IgnoredShare">The share of ignored pixels, 0 to 1.</param>
/// <param name="Classes">Each class's count.</param>
/// <param name="Groups">Cities or drives.</param>
public sealed record SplitSummary(
    string Split, int Samples, IReadOnlyList<SizeCount> Sizes, string DeclaredEncoding, EncodingGuess? Encoding, long Pixels, double IgnoredShare,
    IReadOnlyList<ClassCount> Classes, IReadOnlyList<string> Groups);

/// <summary>A table for a console.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Columns">Column headings.</param>
/// <param name="Rows">Cells, as many per row as there are columns.</param>
public sealed record CheckTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>The outcome of a <see cref="DatasetCheck"/>.</summary>
/// <param name="Subject">The data set's folder, or the packs.</param>
/// <param name="Splits">What was found out about each split.</param>
/// <param name="Findings">Errors first, then warnings, then the rest.</param>
public sealed record CheckReport(string Subject, IReadOnlyList<SplitSummary> Splits, IReadOnlyList<Finding> Findings)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) }, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The number of errors.</summary>
    public int Errors => Findings.Count(finding => finding.Severity == FindingSeverity.Error);

    /// <summary>The number of warnings.</summary>
    public int Warnings => Findings.Count(finding => finding.Severity == FindingSeverity.Warning);

    /// <summary>The report as JSON, with the names of this record's properties in camel case.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The report as tables: splits, classes, findings (left out where there are none).</summary>
    public IReadOnlyList<CheckTable> ToTables()
    {
        var tables = new List<CheckTable> { SplitTable(), ClassTable() };
        if (Findings.Count > 0)
        {
            tables.Add(new CheckTable("Findings", ["severity", "split", "file", "what is wrong", "what to do"], [.. Findings.Select(finding => (string[])
            [
                finding.Severity.ToString().ToLowerInvariant(), finding.Split, finding.Count > 1 ? $"{finding.File} and {finding.Count - 1} more" : finding.File, finding.Message, finding.Remedy,
            ])]));
        }

        return tables;
    }

    private CheckTable SplitTable() => new("Splits", ["split", "samples", "sizes", "labels declared", "labels look like", "ignored", "cities or drives"], [.. Splits.Select(split => (string[])
    [
        split.Split,
        split.Samples.ToString(CultureInfo.InvariantCulture),
        string.Join(", ", split.Sizes.Take(3).Select(size => $"{size.Images} of {size.Height}x{size.Width}")) + (split.Sizes.Count > 3 ? ", …" : ""),
        split.DeclaredEncoding,
        split.Encoding is { } guess ? $"{guess.Encoding} ({Percent(guess.Confidence)})" : "",
        Percent(split.IgnoredShare),
        split.Groups.Count.ToString(CultureInfo.InvariantCulture),
    ])]);

    private CheckTable ClassTable()
    {
        string[] columns = ["class", .. Splits.SelectMany(split => new[] { $"{split.Split} pixels", $"{split.Split} images" })];
        IEnumerable<string[]> rows = (Splits.FirstOrDefault()?.Classes ?? []).Select((first, i) => (string[])
        [
            first.Name,
            .. Splits.SelectMany(split => new[] { Percent(split.Classes[i].Share), split.Classes[i].Images.ToString(CultureInfo.InvariantCulture) }),
        ]);
        return new CheckTable("Classes (share of the pixels that count)", columns, [.. rows]);
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:F2} %");
}
