using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Tessera.Cli.Terminal;

namespace Tessera.Cli.Verification;

/// <summary>What <c>verify</c> found, for people, for programs and for the servers that run it.</summary>
internal static class VerifyReport
{
    /// <summary>A row for each limit, then a sentence for each.</summary>
    public static void Write(CommandConsole console, string title, IReadOnlyList<LimitResult> results)
    {
        TextTable table = console.NewTable();
        table.AddColumn("limit", wraps: false);
        table.AddNumberColumns("at most", "found");
        table.AddColumn("holds");
        foreach (LimitResult result in results)
        {
            table.AddRow(result.Name, result.Figure(result.Limit), result.Figure(result.Found), result.Fault is not null ? "not measured" : result.Holds ? "yes" : "NO");
        }

        console.WriteTable(title, table);
        foreach (LimitResult result in results)
        {
            console.Out.WriteLine(Visible.Of($"{result.Name}: {result.Text}"));
        }
    }

    /// <summary>The results as JSON; keys stay as they are from version to version.</summary>
    public static string ToJson(string task, string budget, IReadOnlyList<LimitResult> results) => JsonSerializer.Serialize(
        new
        {
            Task = task,
            Budget = budget,
            Holds = results.All(result => result.Holds),
            Limits = results.Select(result => new
            {
                result.Name,
                result.Limit,
                result.Found,
                result.Unit,
                Measured = result.Fault is null,
                result.Holds,
                result.Text,
                Seconds = result.Elapsed.TotalSeconds,
            }),
        },
        ReportJson.Options);

    /// <summary>The results as JUnit XML, which build servers show: a test case for each limit, a failure where it does not hold, an error where it could not be measured.</summary>
    public static string ToJUnit(string task, IReadOnlyList<LimitResult> results)
    {
        var suite = new XElement(
            "testsuite",
            new XAttribute("name", Visible.Of($"tessera verify {task}")),
            new XAttribute("tests", results.Count),
            new XAttribute("failures", results.Count(result => result.Fault is null && !result.Holds)),
            new XAttribute("errors", results.Count(result => result.Fault is not null)),
            new XAttribute("skipped", 0),
            results.Select(result => new XElement(
                "testcase",
                new XAttribute("classname", Visible.Of($"tessera.{task}")),
                new XAttribute("name", result.Name),
                new XAttribute("time", result.Elapsed.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture)),
                result.Holds ? new XElement("system-out", Visible.Of(result.Text))
                    : new XElement(result.Fault is null ? "failure" : "error", new XAttribute("message", Visible.Of($"{result.Text} The limit is {result.Figure(result.Limit)}.")), $"at most {result.Figure(result.Limit)}, found {result.Figure(result.Found)}"))));
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{new XElement("testsuites", suite)}\n";
    }
}
