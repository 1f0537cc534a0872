using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Onnx;

namespace Tessera.Cli.Commands;

/// <summary><c>tessera export-onnx</c>: a stage's deployed network as ONNX.</summary>
internal static class ExportOnnxCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create(CommandContext context)
    {
        var config = new ConfigOptions();
        Option<string> stage = StageOption.Create(
            "float: float32; calibration, qat: quantize/dequantize pairs; int_infer: integers, bit for bit what the compiled model computes", ExportOnnxStep.Stages, Predictors.IntInfer);
        var checkpoint = new Option<string?>("--ckpt") { Description = "Another checkpoint than the run's best one; for int_infer one of stage qat", HelpName = "FILE" };
        var folder = new Option<string?>("--out-dir") { Description = "Where STAGE.onnx goes; default: the run's folder", HelpName = "DIR" };
        var opset = new Option<int>("--opset") { Description = $"The operator set, {OnnxOptions.LeastOpset} to {OnnxOptions.DefaultOpset}", HelpName = "N", DefaultValueFactory = _ => OnnxOptions.DefaultOpset };
        var dynamicBatch = new Option<bool>("--dynamic-batch") { Description = "The file takes any number of images at once; else one" };
        var logits = new Option<bool>("--logits") { Description = $"Also give out the logits that the class map is taken from, as {OnnxOptions.LogitsOutput}" };
        var floatBias = new Option<bool>("--float-bias") { Description = "Stages calibration and qat: biases are float32 constants, as TensorRT wants them, instead of int32 with a DequantizeLinear" };
        var fusedRelu = new Option<bool>("--fused-relu") { Description = "Stages calibration and qat: no QuantizeLinear and DequantizeLinear between a convolution and its ReLU, as TensorRT wants it" };
        return new ExplainedCommand(
            "export-onnx", "Write a stage's network as ONNX, for other runtimes.", stage, config.Path, config.Set, config.Opts, checkpoint, folder, opset, dynamicBatch, logits, floatBias, fusedRelu)
        {
            Examples =
            [
                "tessera export-onnx -c configs/segmentation/unet_mobilenetv1_kitti.yaml --stage float",
                "tessera export-onnx -c configs/segmentation/unet_mobilenetv1_kitti.yaml --stage int_infer --out-dir runs/onnx",
                "tessera export-onnx -c configs/segmentation/unet_mobilenetv1_kitti.yaml --stage qat --float-bias --fused-relu --dynamic-batch",
            ],
            Notes = "The network is the deployed one: its output is the class map at a quarter of the input's size. Inputs are described in the file's metadata. docs/onnx.md says which runtime takes which form.",
            Run = parsed =>
            {
                string name = parsed.GetRequiredValue(stage);
                if (name is not ("calibration" or "qat"))
                {
                    UnusedOption.Refuse(parsed, $"is for the stages calibration and qat, and --stage is {name}", floatBias, fusedRelu);
                }

                var options = new QdqOnnxOptions
                {
                    Opset = parsed.GetValue(opset),
                    DynamicBatch = parsed.GetValue(dynamicBatch),
                    Logits = parsed.GetValue(logits),
                    FloatBias = parsed.GetValue(floatBias),
                    FusedRelu = parsed.GetValue(fusedRelu),
                };
                Run(context, config.Load(parsed), name, parsed.GetValue(checkpoint), parsed.GetValue(folder), options);
            },
        };
    }

    private static void Run(CommandContext context, TesseraConfig config, string stage, string? checkpoint, string? folder, QdqOnnxOptions options)
    {
        string path = ExportOnnxStep.Run(context.Console, config, stage, checkpoint, folder ?? config.CkptDir, options);
        context.Console.Out.WriteLine($"{path}: {new FileInfo(path).Length:N0} bytes");
    }
}
