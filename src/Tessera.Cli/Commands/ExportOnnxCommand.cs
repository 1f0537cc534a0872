using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera export-onnx</c>: a stage's deployed network as ONNX.</summary>
internal static class ExportOnnxCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        Option<string> stage = StageOption.Create(
            "float: float32; qat: quantize/dequantize pairs; int_infer: integers, bit for bit what the compiled model computes", ExportOnnxStep.Stages, Predictors.IntInfer);
        var checkpoint = new Option<string?>("--ckpt") { Description = "Another checkpoint than the run's best one; for int_infer one of stage qat", HelpName = "FILE" };
        var folder = new Option<string?>("--out-dir") { Description = "Where STAGE.onnx goes; default: the run's folder", HelpName = "DIR" };
        return new ExplainedCommand("export-onnx", "Write a stage's network as ONNX, for other runtimes.", stage, config.Path, config.Set, checkpoint, folder)
        {
            Examples =
            [
                "tessera export-onnx -c configs/segmentation/unet_mobilenetv1_kitti.yaml --stage float",
                "tessera export-onnx -c configs/segmentation/unet_mobilenetv1_kitti.yaml --stage int_infer --out-dir runs/onnx",
            ],
            Notes = "The network is the deployed one: its output is the class map at a quarter of the input's size. Inputs are described in the file's metadata.",
            Run = parsed => Run(context, config.Load(parsed), parsed.GetRequiredValue(stage), parsed.GetValue(checkpoint), parsed.GetValue(folder)),
        };
    }

    private static void Run(CommandContext context, TesseraConfig config, string stage, string? checkpoint, string? folder)
    {
        string path = ExportOnnxStep.Run(context.Console, config, stage, checkpoint, folder ?? config.CkptDir);
        context.Console.Out.WriteLine($"{path}: {new FileInfo(path).Length:N0} bytes");
    }
}
