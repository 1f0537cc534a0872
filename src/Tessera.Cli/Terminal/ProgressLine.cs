using Spectre.Console.Rendering;

namespace Tessera.Cli.Terminal;

/// <summary>Fits a redrawn line into the terminal: a longer one would wrap, and each redraw would leave a row behind.</summary>
internal static class ProgressLine
{
    private const int WidestBar = 24, NarrowestBar = 6;

    /// <summary>The line of at most <paramref name="columns"/> columns, wide characters counted as two.</summary>
    /// <param name="what">What is being done.</param>
    /// <param name="share">How much is done, 0 to 1.</param>
    /// <param name="figures">Figures, the most important first, with two spaces between them; those that find no place are left out from the end.</param>
    /// <param name="columns">Columns that may be filled.</param>
    public static string Fit(string what, double share, string figures, int columns)
    {
        what = OneLine(what);
        string[] parts = OneLine(figures).Split("  ", StringSplitOptions.RemoveEmptyEntries);
        int shown = parts.Length;
        while (shown > 1 && Width(Text(shown)) > columns)
        {
            shown--;
        }

        string text = Text(shown);
        int bar = Math.Min(WidestBar, columns - Width(text) - "[] ".Length);
        if (bar < NarrowestBar)
        {
            return Cut(text, columns);
        }

        int filled = (int)(bar * Math.Clamp(share, 0, 1));
        return $"{what} [{new string('#', filled)}{new string('.', bar - filled)}] {Figures(shown)}";

        string Text(int count) => $"{what} {Figures(count)}";
        string Figures(int count) => string.Join("  ", parts.Take(count));
    }

    /// <summary>The columns that a text takes.</summary>
    public static int Width(string text) => new Segment(text).CellCount();

    private static string OneLine(string text) => Visible.Of(text).ReplaceLineEndings(" ").Replace('\t', ' ');

    private static string Cut(string text, int columns) =>
        Width(text) <= columns ? text : columns < 1 ? "" : Segment.Truncate(new Segment(text), columns - 1)?.Text + "…";
}
