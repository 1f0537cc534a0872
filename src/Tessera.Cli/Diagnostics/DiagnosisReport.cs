using System.Text.Json;
using Spectre.Console;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Diagnostics;

/// <summary>Shows the rows: as a table, or as JSON.</summary>
internal static class DiagnosisReport
{
    /// <summary>Writes the rows to standard output.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="checks">The rows.</param>
    /// <param name="asJson">As JSON, and nothing else.</param>
    /// <exception cref="WorkException">The demo cannot run here; the message names the rows.</exception>
    public static void Write(CommandConsole console, IReadOnlyList<Check> checks, bool asJson)
    {
        Check[] blocking = [.. checks.Where(check => check.Blocks)];
        if (asJson)
        {
            console.Out.WriteLine(ToJson(checks));
        }
        else
        {
            console.WriteTable($"tessera {CheckpointFile.ThisVersion} on this machine", ToTable(console, checks));
        }

        if (blocking.Length > 0)
        {
            throw new WorkException($"The demo cannot run here because of: {string.Join(", ", blocking.Select(check => check.Name))}.{(asJson ? "" : " The rows above say what mends it.")}");
        }

        if (!asJson)
        {
            int warnings = checks.Count(check => check.State == CheckState.Warning);
            string rest = warnings == 0 ? "" : warnings == 1 ? ", 1 is a warning" : $", {warnings} are warnings";
            console.Out.WriteLine($"The demo can run here: {checks.Count - warnings} of {checks.Count} checks are ok{rest}.");
        }
    }

    /// <summary>The rows as JSON text; keys stay as they are from version to version.</summary>
    public static string ToJson(IReadOnlyList<Check> checks) => JsonSerializer.Serialize(
        new
        {
            Version = CheckpointFile.ThisVersion,
            DemoCanRun = !checks.Any(check => check.Blocks),
            Checks = checks.Select(check => new
            {
                check.Id,
                check.Name,
                State = StateName(check.State),
                check.Found,
                check.Remedy,
                check.Details,
            }),
        },
        ReportJson.Options);

    private static TextTable ToTable(CommandConsole console, IReadOnlyList<Check> checks)
    {
        TextTable table = console.NewTable();
        table.AddColumn("check", wraps: false);
        table.AddColumn("state", wraps: false);
        table.AddColumn("found, and what mends it");
        foreach (Check check in checks)
        {
            (string, Style?) remedy = (check.Remedy is null ? "" : $"\n→ {check.Remedy}", new Style(decoration: Decoration.Bold));
            table.AddStyledRow([(check.Name, null)], [(StateName(check.State), new Style(ColourOf(check.State)))], [(check.Found, null), remedy]);
        }

        return table;
    }

    private static string StateName(CheckState state) => state.ToString().ToLowerInvariant();

    private static Color ColourOf(CheckState state) => state switch
    {
        CheckState.Ok => Color.Green,
        CheckState.Warning => Color.Yellow,
        _ => Color.Red,
    };
}
