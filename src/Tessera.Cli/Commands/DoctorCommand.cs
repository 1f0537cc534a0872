using System.CommandLine;
using Tessera.Cli.Diagnostics;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera doctor</c>: what this machine has, what is missing, and the command that mends it.</summary>
internal static class DoctorCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print the same as JSON, and nothing else" };
        var probe = new Option<string?>("--probe") { Description = "Load one native library and compute with it; doctor runs itself in this way", HelpName = "LIBRARY", Hidden = true };
        return new ExplainedCommand("doctor", "Show what this machine has, what is missing, and the command that mends it.", json, probe)
        {
            Examples = ["tessera doctor --json > machine.json", "tessera doctor"],
            Notes = """
                Every native library is loaded in a child process, and a small network is run by the reference executor, a compiled model, libtorch and ONNX Runtime:
                all must be equal in every element. Exit status 0: the demo can run here, whatever the warnings; 1: a check says missing or failed.
                """,
            Run = parsed =>
            {
                if (parsed.GetValue(probe) is { } library)
                {
                    NativeProbe.Run(library, context.Console.Out);
                    return;
                }

                MachineFacts facts = Diagnosis.GatherAsync(context.Cancellation).GetAwaiter().GetResult();
                DiagnosisReport.Write(context.Console, Diagnosis.Judge(facts), parsed.GetValue(json));
            },
        };
    }
}
