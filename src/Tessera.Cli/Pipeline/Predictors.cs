using Tessera.Cli.Alignment;
using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>The stages that can predict, by the names of the command line.</summary>
internal static class Predictors
{
    /// <summary>The stage that runs the lowered QAT network in integers.</summary>
    public const string IntInfer = "int_infer";

    /// <summary>An artefact.</summary>
    public const string Compiled = "compiled";

    /// <summary>The stages that read a checkpoint.</summary>
    public static IReadOnlyList<string> Stages { get; } = ["float", "calibration", "qat", IntInfer];

    /// <summary>Makes the predictor of a stage.</summary>
    /// <param name="console">Gets what the user should know about the checkpoint.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="stage">One of <see cref="Stages"/>.</param>
    /// <param name="checkpoint">The checkpoint; null for the best one of the run. For int_infer it is that of stage qat.</param>
    /// <exception cref="BadFileException">The checkpoint is missing, damaged, or of another stage, network or classes.</exception>
    public static ISegmentationPredictor Of(CommandConsole console, TesseraConfig config, string stage, string? checkpoint) => stage == IntInfer
        ? new IntegerPredictor(StageNetwork.Lower(StageNetwork.Load(console, config, TrainingStage.Qat, checkpoint).Network))
        : new TorchPredictor(StageNetwork.Load(console, config, TrainingStages.Parse(stage), checkpoint).Network);

    /// <summary>Makes the predictor of an artefact, and warns where the run's own was not compiled from the QAT checkpoint that the run has now.</summary>
    /// <param name="console">Gets the warning.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="path">The artefact.</param>
    /// <exception cref="BadFileException">The artefact is missing, damaged, or for another input size or other classes.</exception>
    public static ISegmentationPredictor OfArtefact(CommandConsole console, TesseraConfig config, string path)
    {
        CompiledProgram compiled = ArtefactReader.Read(path).Compiled;
        IntegerTensor input = compiled.Program.Input, logits = IntegerRunner.LogitsTensor(compiled.Program);
        if (input.Height != config.InputHeight || input.Width != config.InputWidth)
        {
            throw new BadFileException($"The artefact {path} is compiled for images of {input.Height}x{input.Width}; the configuration's input_size is {config.InputHeight}x{config.InputWidth}. Compile it with this configuration.");
        }

        if (input.Channels != 3 || logits.Channels != config.Classes.Count)
        {
            throw new BadFileException($"The artefact {path} reads {input.Channels} channels and tells {logits.Channels} classes apart; the configuration needs 3 and {config.Classes.Count}. Compile it with this configuration.");
        }

        ClassAgreement.Require(config, path, [.. compiled.Info.Classes.Select(entry => entry.Name)]);
        WarnWhenStale(console, config, path, compiled.Program);
        return new IntegerPredictor(compiled);
    }

    private static void WarnWhenStale(CommandConsole console, TesseraConfig config, string path, IntegerProgram program)
    {
        string checkpoint = new CheckpointStore(config.CkptDir, TrainingStage.Qat).BestPath;
        if (path != RunFiles.Artefact(RunFiles.CompiledFolder(config)) || !File.Exists(checkpoint))
        {
            return;
        }

        try
        {
            IntegerProgram now = StageNetwork.Lower(CheckpointFile.Read(checkpoint, TrainingStage.Qat, config.TrainingGraph()).Network);
            if (ConstantComparison.FirstDifference(now, program) is { } difference)
            {
                console.Error.WriteLine($"warning: {path} was not compiled from {checkpoint} as it is now: {difference}. Run `tessera compile` again to use the present one.");
            }
        }
        catch (TesseraException fault)
        {
            console.Error.WriteLine($"warning: whether {path} was compiled from {checkpoint} as it is now cannot be told: {fault.Message}");
        }
    }
}
