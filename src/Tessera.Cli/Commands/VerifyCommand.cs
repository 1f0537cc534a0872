using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Verification;
using Tessera.Core;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera verify</c>: the compiled model against a budget, for the gate of a build server.</summary>
internal static class VerifyCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        var budget = new Option<string>("--budget") { Description = "The limits, a YAML file; see docs/commands.md, Verify", HelpName = "FILE", Required = true };
        var artefact = new Option<string?>("--artefact") { Description = "The compiled model; default: compiled/model.tsr in the run's folder", HelpName = "FILE" };
        var checkpoint = new Option<string?>("--ckpt") { Description = "Another QAT checkpoint than the run's best one", HelpName = "FILE" };
        var json = new Option<string?>("--json") { Description = "Also write the results as JSON into this file", HelpName = "FILE" };
        var junit = new Option<string?>("--junit") { Description = "Also write the results as JUnit XML, which build servers show, into this file", HelpName = "FILE" };
        Option<bool> trust = TrustDataOption.Create("Measure");
        return new ExplainedCommand("verify", "Hold the compiled model against a budget of accuracy, exactness, speed and size.", config.Path, config.Set, config.Opts, budget, artefact, checkpoint, json, junit, trust)
        {
            Examples =
            [
                "tessera verify -c configs/segmentation/unet_mobilenetv1_kitti.yaml --budget budget.yaml",
                "tessera verify -c configs/segmentation/unet_mobilenetv1_kitti.yaml --budget budget.yaml --json verify.json --junit verify.xml",
            ],
            Notes = """
                A budget holds some of max_miou_drop (points), bit_equal (pairs of qat, int_infer, compiled, onnx-int), max_latency (ms, ratio_to_onnx_float), max_bytes and
                max_estimated_ms (by march). Exit status 0: all hold; 4: one does not; any other: one could not be measured. The reports are written in each case.
                """,
            Run = parsed => Run(
                context,
                config.Load(parsed),
                parsed.GetRequiredValue(budget),
                loaded => new VerifyOptions(
                    parsed.GetRequiredValue(config.Path), parsed.GetValue(artefact) ?? RunFiles.Artefact(RunFiles.CompiledFolder(loaded)), parsed.GetValue(checkpoint), parsed.GetValue(trust)),
                parsed.GetValue(json),
                parsed.GetValue(junit)),
        };
    }

    private static void Run(CommandContext context, TesseraConfig config, string budgetPath, Func<TesseraConfig, VerifyOptions> options, string? json, string? junit)
    {
        if (json is not null && junit is not null && Path.GetFullPath(json) == Path.GetFullPath(junit))
        {
            throw new UsageException($"--json and --junit are both {json}; give each report a file of its own.");
        }

        IReadOnlyList<LimitResult> results = new VerifyRun(context, config, Budget.Read(budgetPath), options(config)).Run();
        VerifyReport.Write(context.Console, $"{config.TaskName}: the limits of {budgetPath}", results);
        if (json is not null)
        {
            AtomicFile.WriteText(json, VerifyReport.ToJson(config.TaskName, budgetPath, results) + "\n");
        }

        if (junit is not null)
        {
            AtomicFile.WriteText(junit, VerifyReport.ToJUnit(config.TaskName, results));
        }

        if (results.FirstOrDefault(result => result.Fault is not null)?.Fault is { } fault)
        {
            throw fault;
        }

        LimitResult[] exceeded = [.. results.Where(result => !result.Holds)];
        if (exceeded.Length > 0)
        {
            throw new DifferenceException($"{exceeded.Length} of {results.Count} limits of {budgetPath} do not hold: {string.Join(", ", exceeded.Select(result => result.Name))}. What was found stands above.");
        }
    }
}
