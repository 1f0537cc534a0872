using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Graphs;
using Tessera.Onnx;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>Writes a stage's deployed network as ONNX.</summary>
internal static class ExportOnnxStep
{
    /// <summary>The stages that can be written.</summary>
    public static IReadOnlyList<string> Stages { get; } = ["float", "calibration", "qat", Predictors.IntInfer];

    /// <summary>Writes one.</summary>
    /// <param name="console">Gets what the user should know about the checkpoint.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="stage">One of <see cref="Stages"/>.</param>
    /// <param name="checkpoint">The checkpoint; null for the run's best one.</param>
    /// <param name="folder">Where STAGE.onnx goes.</param>
    /// <param name="options">How it is written; what is for the QDQ form counts for the stages calibration and qat alone. The defaults when null.</param>
    /// <returns>The file.</returns>
    /// <exception cref="Core.UsageException">The operator set cannot hold the network's weight scales.</exception>
    /// <exception cref="Core.BadFileException">The checkpoint is missing or wrong, or the folder cannot be written.</exception>
    public static string Run(CommandConsole console, TesseraConfig config, string stage, string? checkpoint, string folder, QdqOnnxOptions? options = null)
    {
        Network network = StageNetwork.Load(console, config, stage == Predictors.IntInfer ? TrainingStage.Qat : TrainingStages.Parse(stage), checkpoint).Network;
        string path = Path.Combine(folder, $"{stage}.onnx");
        var metadata = new OnnxMetadata(CheckpointFile.ThisVersion, stage, config.ClassNames) { Swing = config.ValDataLoader.Transforms.Swing };
        switch (stage)
        {
            case "float":
                FloatOnnxWriter.Write(StageNetwork.Deploy(network), metadata, path, options);
                break;
            case "calibration" or "qat":
                QdqOnnxWriter.Write(StageNetwork.Deploy(network), metadata, path, options);
                break;
            default:
                OnnxOptions common = options ?? new();
                IntegerOnnxWriter.Write(StageNetwork.Lower(network), metadata, path, new IntegerOnnxOptions { Opset = common.Opset, DynamicBatch = common.DynamicBatch, Logits = common.Logits });
                break;
        }

        return path;
    }
}
