using System.CommandLine;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera inspect</c>: what an artefact holds, as text.</summary>
internal static class InspectCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var file = new Argument<string>("FILE") { Description = "The artefact, a .tsr file" };
        var weights = new Option<bool>("--weights") { Description = "Also show each convolution's weights: range, share of zeros, biases, multipliers, headroom of the accumulator" };
        var command = new ExplainedCommand("inspect", "Show what an artefact holds: how it was compiled, its memory plan, every instruction.", weights)
        {
            Examples =
            [
                "tessera inspect runs/unet_mobilenetv1_kitti/compiled/model.tsr",
                "tessera inspect received.tsr --weights",
            ],
            Notes = """
                The file is read as untrusted data and nothing of it is executed. Exit status 0: it is a valid artefact; 3: it is not, or its content does not have the checksum
                that its header states. In the last case everything is shown all the same, where the structure allows it. docs/artefact.md describes the format.
                """,
            Run = parsed => Run(context, parsed.GetRequiredValue(file), parsed.GetValue(weights)),
        };
        command.Arguments.Add(file);
        return command;
    }

    private static void Run(CommandContext context, string path, bool withWeights)
    {
        Artefact artefact = ArtefactReader.Read(path, ChecksumPolicy.Report);
        InspectionReport.Write(context.Console, path, artefact, withWeights);
        if (!artefact.ChecksumMatches)
        {
            throw new BadFileException($"{path} was changed after it was written: its content does not have the SHA-256 that its header states. What is shown above is what it holds now; compile the model again or take another copy.");
        }
    }
}
