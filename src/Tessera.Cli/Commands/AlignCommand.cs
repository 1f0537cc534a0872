using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Training;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera align</c>: the compiled model against the other forms of the network, in every element.</summary>
internal static class AlignCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        var artefact = new Option<string?>("--artefact") { Description = "The compiled model; default: compiled/model.tsr in the run's folder", HelpName = "FILE" };
        var checkpoint = new Option<string?>("--ckpt", "--pretrained-ckpt") { Description = "Another QAT checkpoint than the run's best one", HelpName = "FILE" };
        Option<string?> size = EvalSizeOption.Create();
        Option<bool> trust = TrustDataOption.Create("Compare");
        var qat = new Option<bool>("--qat") { Description = "Also compare the QAT network on libtorch", HelpName = "true|false", DefaultValueFactory = _ => true };
        var onnx = new Option<bool>("--onnx") { Description = "Also compare the integer ONNX model in ONNX Runtime", HelpName = "true|false", DefaultValueFactory = _ => true };
        return new ExplainedCommand("align", "Check that the compiled model computes the same bits as QAT, int_infer and ONNX over the validation images.", config.Path, config.Set, config.Opts, artefact, checkpoint, size, qat, onnx, trust)
        {
            Examples =
            [
                "tessera align -c configs/segmentation/unet_mobilenetv1_kitti.yaml",
                "tessera align -c configs/segmentation/unet_mobilenetv1_kitti.yaml --artefact received.tsr --onnx false",
            ],
            Notes = """
                int_infer, the integer program lowered from the QAT checkpoint and run by plain loops, is right by definition; every int8 logit, every layer of the
                compiled model and every pixel must be equal to it. Exit status 0: all equal; 4: something differs, and the message names the first differing layer.
                """,
            Run = parsed =>
            {
                TesseraConfig loaded = config.Load(parsed);
                EvalSize evalSize = EvalSizeOption.Read(parsed.GetValue(size), loaded);
                string path = parsed.GetValue(artefact) ?? RunFiles.Artefact(RunFiles.CompiledFolder(loaded));
                AlignStep step = AlignStep.Run(context, loaded, evalSize, path, parsed.GetValue(checkpoint), parsed.GetValue(qat), parsed.GetValue(onnx), parsed.GetValue(trust));
                step.Write(context.Console);
                step.Judge();
            },
        };
    }
}
