using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Compiler;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera compile</c>: from the QAT checkpoint to the artefact, with a report.</summary>
internal static class CompileCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        var opt = new Option<string?>("--opt") { Description = "0: no memory reuse; 1: memory reuse; 2: reordering and memory reuse; default: compile_cfg.opt", HelpName = "0|1|2" };
        var march = new Option<string?>("--march") { Description = $"What to compile for: cpu runs here, for the others speed is estimated; default: compile_cfg.march", HelpName = "NAME" };
        var folder = new Option<string?>("--out-dir") { Description = "Where model.tsr, model.json and model.html go; default: compiled in the run's folder", HelpName = "DIR" };
        var checkpoint = new Option<string?>("--ckpt") { Description = "Another QAT checkpoint than the run's best one", HelpName = "FILE" };
        var jobs = new Option<int>("--jobs") { Description = "Accepted for HAT's sake: compiling takes a moment on one core", HelpName = "N", DefaultValueFactory = _ => 4 };
        var check = new Option<bool>("--check-only") { Description = "Only say what compiling would give: what the march refuses, the estimate, and which channels it pads; write nothing" };
        var fromConfig = new Option<bool>("--from-config") { Description = "Say so of the configuration's network, before anything is trained; implies --check-only" };
        return new ExplainedCommand("compile", "Lower the QAT network to integers, check and compile it, measure or estimate its speed.", config.Path, config.Set, config.Opts, opt, march, folder, checkpoint, check, fromConfig, jobs)
        {
            Examples =
            [
                "tessera compile -c configs/segmentation/unet_mobilenetv1_kitti.yaml --opt 2",
                "tessera compile -c configs/segmentation/unet_mobilenetv1_cityscapes.yaml --march nash-m --out-dir runs/nash-m",
                "tessera compile -c configs/segmentation/unet_mobilenetv1_cityscapes.yaml --march nash-m --from-config",
            ],
            Notes = "model.tsr needs nothing but Tessera.Core and Tessera.Runtime to run. It computes the same bits at every --opt and for every march: `tessera align` proves it.",
            Run = parsed =>
            {
                TesseraConfig loaded = config.Load(parsed);
                CompileOptions options = LibraryOptions.Compile(
                    loaded, parsed.GetValue(march) is { } name ? MarchName.Find(name) : null, parsed.GetValue(opt) is { } level ? OptLevelParser.Parse(level) : null);
                bool isUntrained = parsed.GetValue(fromConfig);
                if (!isUntrained && !parsed.GetValue(check))
                {
                    Run(context, loaded, options, parsed.GetValue(folder) ?? RunFiles.CompiledFolder(loaded), parsed.GetValue(checkpoint));
                    return;
                }

                UnusedOption.Refuse(parsed, "is not used when nothing is written (--check-only, --from-config)", folder);
                if (isUntrained)
                {
                    UnusedOption.Refuse(parsed, "is not used with --from-config, which reads no checkpoint", checkpoint);
                }

                CompileCheckStep.Run(context, loaded, options, parsed.GetValue(checkpoint), isUntrained);
            },
        };
    }

    private static void Run(CommandContext context, TesseraConfig config, CompileOptions options, string folder, string? checkpoint)
    {
        (CompilationResult result, string artefact) = CompileStep.Run(context, config, options, folder, checkpoint);
        CompilationReport.Write(context.Console, result);
        context.Console.Out.WriteLine($"{artefact}: {new FileInfo(artefact).Length:N0} bytes; report in {Path.ChangeExtension(artefact, ".html")} and {Path.ChangeExtension(artefact, ".json")}");
    }
}
