using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tessera.Cli.Terminal;

namespace Tessera.Cli.Comparison;

/// <summary>Shows the comparison of two forms.</summary>
internal static class DiffReport
{
    private const int Shown = 12;

    private static readonly JsonSerializerOptions Options = new(ReportJson.Options)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // an operand may be NaN: that is what is looked for
    };

    /// <summary>Writes what was compared, and the operands of the first difference.</summary>
    public static void Write(CommandConsole console, string a, string b, AllowedBand band, FormComparison comparison)
    {
        string allowed = band.IsExact ? "every integer must be equal" : Text($"allowed: {band.Share:G3} of a node's largest magnitude");
        console.Out.WriteLine(Text($"{a} against {b}: {comparison.Images} images, {comparison.Nodes} nodes, {comparison.Elements:N0} elements; {allowed}."));
        if (comparison.LargestNode is { } node)
        {
            console.Out.WriteLine(Text($"The largest difference is {comparison.Largest:G3} {(band.IsExact ? "steps" : "times what is allowed")}, at {node}; {comparison.DifferingPixels:N0} pixels of the class maps differ."));
        }
        else
        {
            console.Out.WriteLine("Every element is equal.");
        }

        if (comparison.First?.Operands is { } operands)
        {
            WriteOperands(console, a, b, comparison.First, operands);
        }
    }

    /// <summary>Everything as JSON; a difference that is no number is null.</summary>
    public static string Json(string a, string b, AllowedBand band, FormComparison comparison) => JsonSerializer.Serialize(
        new
        {
            A = a,
            B = b,
            comparison.Images,
            comparison.Nodes,
            comparison.Elements,
            Tolerance = band.Share,
            comparison.DifferingPixels,
            Largest = ReportJson.Number(comparison.Largest),
            comparison.LargestNode,
            First = comparison.First is not { } first ? null : new
            {
                first.Node, first.Op, first.Image, first.Elements, first.Y, first.X, first.Channel, Expected = ReportJson.Number(first.Expected), Actual = ReportJson.Number(first.Actual), first.Allowed, first.Operands,
            },
        },
        Options);

    private static void WriteOperands(CommandConsole console, string a, string b, NodeDifference first, ConvOperands operands)
    {
        TextTable table = console.NewTable();
        table.AddColumn("operand", wraps: false);
        table.AddNumberColumns(a, b);
        Add("bias", operands.Bias);
        Add("multiplier", operands.Multiplier);
        Add("residual", operands.Residual);

        // What differs comes first, then what counts most.
        ConvTerm[] terms = [.. operands.Terms.OrderByDescending(term => term.ExpectedWeight != term.ActualWeight).ThenByDescending(term => term.ExpectedInput != term.ActualInput)
            .ThenByDescending(term => Math.Abs(term.ExpectedInput * term.ExpectedWeight))];
        foreach (ConvTerm term in terms.Take(Shown))
        {
            table.AddRow(Text($"input y {term.Y}, x {term.X}, channel {term.Channel} · weight {term.Weight}"), Text($"{term.ExpectedInput:G6} · {term.ExpectedWeight:G6}"), Text($"{term.ActualInput:G6} · {term.ActualWeight:G6}"));
        }

        console.WriteTable(Text($"{first.Node}, y {first.Y}, x {first.X}, channel {first.Channel}: what made it ({Math.Min(Shown, terms.Length)} of {terms.Length} products)"), table);

        void Add(string name, OperandPair pair)
        {
            if (pair is not { Expected: null, Actual: null })
            {
                table.AddRow(name, Cell(pair.Expected), Cell(pair.Actual));
            }
        }
    }

    private static string Cell(double? value) => value is { } number ? number.ToString("G6", CultureInfo.InvariantCulture) : "-";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
