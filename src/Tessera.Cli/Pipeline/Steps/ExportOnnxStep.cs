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
    public static IReadOnlyList<string> Stages { get; } = ["float", "qat", Predictors.IntInfer];

    /// <summary>Writes one.</summary>
    /// <param name="console">Gets what the user should know about the checkpoint.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="stage">One of <see cref="Stages"/>.</param>
    /// <param name="checkpoint">The checkpoint; null for the run's best one.</param>
    /// <param name="folder">Where STAGE.onnx goes.</param>
    /// <returns>The file.</returns>
    /// <exception cref="Core.BadFileException">The checkpoint is missing or wrong, or the folder cannot be written.</exception>
    public static string Run(CommandConsole console, TesseraConfig config, string stage, string? checkpoint, string folder)
    {
        Network network = StageNetwork.Load(console, config, stage == "float" ? TrainingStage.Float : TrainingStage.Qat, checkpoint).Network;
        string path = Path.Combine(folder, $"{stage}.onnx");
        var metadata = new OnnxMetadata(CheckpointFile.ThisVersion, stage, config.ClassNames) { Swing = config.ValDataLoader.Transforms.Swing };
        switch (stage)
        {
            case "float":
                FloatOnnxWriter.Write(StageNetwork.Deploy(network), metadata, path);
                break;
            case "qat":
                QdqOnnxWriter.Write(StageNetwork.Deploy(network), metadata, path);
                break;
            default:
                IntegerOnnxWriter.Write(StageNetwork.Lower(network), metadata, path);
                break;
        }

        return path;
    }
}
