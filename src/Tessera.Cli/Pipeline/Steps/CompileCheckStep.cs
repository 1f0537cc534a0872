using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>Says what compiling would give, and writes nothing.</summary>
internal static class CompileCheckStep
{
    /// <summary>Checks and estimates, and shows both with the layers that the march pads.</summary>
    /// <param name="context">Console and cancellation.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="options">What to compile for, and how.</param>
    /// <param name="checkpoint">The QAT checkpoint; null for the run's best one.</param>
    /// <param name="fromConfig">Take the configuration's network with made-up parameters and scales: nothing need be trained.</param>
    /// <exception cref="DifferenceException">The march does not support the network; everything that it refuses was shown.</exception>
    /// <exception cref="BadFileException">The checkpoint is missing or wrong.</exception>
    public static void Run(CommandContext context, TesseraConfig config, CompileOptions options, string? checkpoint, bool fromConfig)
    {
        IntegerProgram program = fromConfig ? DeploymentCheck.Program(config, options.March.Arithmetic) : StageNetwork.Lower(StageNetwork.Load(context.Console, config, TrainingStage.Qat, checkpoint).Network);
        CheckResult check = ProgramChecker.Check(program, options.March);
        if (check.IsSupported)
        {
            CompilationResult result = ModelCompiler.Compile(program, options);
            program = result.Compiled.Program;
            CompilationReport.Write(context.Console, result);
        }
        else
        {
            WriteViolations(context.Console, check);
            context.Console.Out.WriteLine(FormattableString.Invariant($"As if all of it were supported, a frame would take {PerformanceEstimator.Estimate(program, options.March).LatencyMilliseconds:0.000} ms on one core."));
        }

        PaddingReport.Write(context.Console, options.March, ChannelAdvice.Of(program, options.March));
        context.Console.Out.WriteLine(fromConfig ? "Parameters and scales were made up: check and estimate depend on shapes alone. Nothing was written." : "Nothing was written.");
        if (!check.IsSupported)
        {
            throw new DifferenceException($"March {check.March} refuses this network in {check.Violations.Length} {(check.Violations.Length == 1 ? "point" : "points")}, named above. Change model or input_size, or choose another march (--march, compile_cfg.march).");
        }
    }

    private static void WriteViolations(CommandConsole console, CheckResult check)
    {
        TextTable table = console.NewTable();
        table.AddColumns("layer", "rule", "found", "what would be accepted");
        foreach (Violation violation in check.Violations)
        {
            table.AddRow(violation.Node, violation.Rule, violation.Received, violation.Remedy);
        }

        console.WriteTable($"what march {check.March} refuses", table);
    }
}
