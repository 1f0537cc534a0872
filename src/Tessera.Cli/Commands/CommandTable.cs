using System.CommandLine;

namespace Tessera.Cli.Commands;

/// <summary>Every command, in the order in which they are used.</summary>
internal static class CommandTable
{
    /// <summary>Creates the commands; none of them does anything yet.</summary>
    public static IReadOnlyList<Command> Create(CommandContext context) =>
    [
        DemoCommand.Create(context),
        DataCommand.Create(context),
        PackCommand.Create(context),
        TrainCommand.Create(context),
        PredictCommand.Create(context),
        AnalyzeCommand.Create(context),
        CompileCommand.Create(context),
        InspectCommand.Create(context),
        AlignCommand.Create(context),
        VerifyCommand.Create(context),
        CompareCommand.Create(context),
        DiffCommand.Create(context),
        InferCommand.Create(context),
        ExportOnnxCommand.Create(context),
        CalopsCommand.Create(context),
        BenchCommand.Create(context),
        ConfigCommand.Create(context),
        DoctorCommand.Create(context),
    ];
}
