using Spectre.Console;
using Spectre.Console.Rendering;

namespace Tessera.Cli.Terminal;

/// <summary>A table of plain texts: whatever stands in a cell is shown as it is, neither as markup nor as a command to the terminal.</summary>
public sealed class TextTable
{
    private readonly Table _table;

    /// <summary>An empty table.</summary>
    /// <param name="hasBorders">True on a terminal.</param>
    internal TextTable(bool hasBorders) => _table = new Table { Border = hasBorders ? TableBorder.Rounded : TableBorder.Simple };

    /// <summary>What is drawn.</summary>
    internal IRenderable Content => _table;

    /// <summary>Adds columns of texts.</summary>
    public void AddColumns(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            AddColumn(name);
        }
    }

    /// <summary>Adds columns of figures, which stand at the right.</summary>
    public void AddNumberColumns(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            _table.AddColumn(new TableColumn(Plain(name)).RightAligned());
        }
    }

    /// <summary>Adds a column of texts.</summary>
    /// <param name="name">What stands above it.</param>
    /// <param name="wraps">False keeps each of its texts on one line.</param>
    public void AddColumn(string name, bool wraps = true) => _table.AddColumn(new TableColumn(Plain(name)) { NoWrap = !wraps });

    /// <summary>Adds a row.</summary>
    public void AddRow(params IEnumerable<string> cells) => _table.AddRow(cells.Select(Plain));

    /// <summary>Adds a row with styles of its own.</summary>
    /// <param name="cells">The parts of each cell.</param>
    internal void AddStyledRow(params IEnumerable<IReadOnlyList<(string Text, Style? Style)>> cells) => _table.AddRow(cells.Select(parts =>
    {
        var cell = new Paragraph();
        foreach ((string text, Style? style) in parts)
        {
            cell.Append(Visible.Of(text), style);
        }

        return cell;
    }));

    /// <summary>Adds a row of nothing, which sets the next rows off.</summary>
    public void AddEmptyRow() => _table.AddEmptyRow();

    private static IRenderable Plain(string text) => new Text(Visible.Of(text));
}
