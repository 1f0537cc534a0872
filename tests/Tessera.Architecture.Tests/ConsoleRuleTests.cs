namespace Tessera.Architecture.Tests;

/// <summary>All text goes to the console in one way, which shows what would steer a terminal and reads no markup.</summary>
public sealed class ConsoleRuleTests
{
    private const string Terminal = "src/Tessera.Cli/Terminal/";

    // It gives styles to the parts of its rows, and their text to the table of Terminal.
    private const string Styled = "src/Tessera.Cli/Diagnostics/DiagnosisReport.cs";

    private static readonly string[] Elsewhere = ["using Spectre.Console", "Console.Write(", "Console.WriteLine(", "Console.Error", "Console.OpenStandard", "new Markup(", "MarkupLine("];

    [Fact]
    public void Nothing_but_the_terminal_folder_writes_to_the_console()
    {
        string[] files = [.. Repository.SourceFiles.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && !file.StartsWith(Terminal, StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        Repository.AssertNone([.. files.SelectMany(file => File.ReadLines(Path.Combine(Repository.Root, file))
            .Select(line => line.Replace("context.Console", "", StringComparison.Ordinal).Replace("_context.Console", "", StringComparison.Ordinal))
            .Where(line => Elsewhere.Any(mark => line.Contains(mark, StringComparison.Ordinal) && !(file == Styled && mark == Elsewhere[0])))
            .Select(line => $"{file}: {line.Trim()}"))]);
    }
}
