using System.CommandLine;
using System.Globalization;
using Tessera.Cli.Comparison;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera compare</c>: tells the tensors of two checkpoints apart.</summary>
internal static class CompareCommand
{
    private const int Shown = 20;

    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var a = new Argument<string>("A") { Description = "A checkpoint, or any other safetensors file" };
        var b = new Argument<string>("B") { Description = "The one that is compared with it" };
        var command = new ExplainedCommand("compare", "Tell the tensors of two checkpoints apart: which differ, and by how much.")
        {
            Examples =
            [
                "tessera compare runs/a/float-checkpoint-last.safetensors runs/b/float-checkpoint-last.safetensors",
                "tessera compare runs/a/calibration-checkpoint-best.safetensors runs/a/qat-checkpoint-best.safetensors",
            ],
            Notes = """
                Every bit counts: parameters, running statistics, scales and what the optimizer remembers; what the files say about themselves (time, configuration) does not. Exit status 0: they hold the same
                tensors; 4: they do not.
                """,
            Run = parsed => Run(context, parsed.GetRequiredValue(a), parsed.GetRequiredValue(b)),
        };
        command.Arguments.Add(a);
        command.Arguments.Add(b);
        return command;
    }

    private static void Run(CommandContext context, string a, string b)
    {
        SafetensorsFile first = SafetensorsFile.Read(a), second = SafetensorsFile.Read(b);
        TensorDifference[] all = [.. TensorDifference.Of(first, a, second, b)];
        if (all.Length == 0)
        {
            context.Console.Out.WriteLine($"The files hold the same {first.Tensors.Length} tensors, in every bit.");
            return;
        }

        TextTable table = context.Console.NewTable();
        table.AddColumn("tensor", wraps: false);
        table.AddNumberColumns("differ", "of", "largest difference", "relative");
        table.AddColumns("");
        foreach (TensorDifference found in all.Take(Shown))
        {
            table.AddRow(found.Name, Count(found.Differing), Count(found.Elements), Number(found.Largest), Number(found.Relative), found.Remark);
        }

        context.Console.WriteTable($"tensors that differ ({Math.Min(Shown, all.Length)} of {all.Length}; the files hold {first.Tensors.Length} and {second.Tensors.Length})", table);
        throw new DifferenceException($"{all.Length} tensors of {a} and {b} differ, the first of them {all[0].Name}.");
    }

    private static string Count(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Number(double? value) => value?.ToString("G4", CultureInfo.InvariantCulture) ?? "-";
}
