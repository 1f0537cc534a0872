using Tessera.Cli.Configuration;
using Tessera.Cli.Terminal;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Programs;
using Tessera.Quantization;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>The network that a stage left, in the form that a command needs.</summary>
internal static class StageNetwork
{
    /// <summary>Reads a stage's checkpoint, and warns where the stage that it came from has been run again since.</summary>
    /// <param name="console">Gets what the user should know about the file.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="path">The file; null for the stage's best checkpoint in the run's folder.</param>
    /// <exception cref="BadFileException">The file is missing, damaged, or of another stage, network or classes.</exception>
    public static Checkpoint Load(CommandConsole console, TesseraConfig config, TrainingStage stage, string? path)
    {
        path ??= BestPath(config, stage);
        Checkpoint checkpoint = Read(console, config, stage, path);
        ClassAgreement.Require(config, path, checkpoint.Run.Classes);
        if (Staleness(checkpoint, path) is { } staleness)
        {
            console.Error.WriteLine($"warning: {staleness}");
        }

        return checkpoint;
    }

    /// <summary>Reads the best checkpoint of a stage for the next stage to start from.</summary>
    /// <param name="console">Gets what the user should know about the file.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="stage">The stage that made it.</param>
    /// <param name="allowChanges">Take it although it has other classes, or the stage that it came from has been run again since.</param>
    /// <exception cref="BadFileException">As for <see cref="Load"/>, which only warns where the stage before has been run again.</exception>
    public static Checkpoint LoadStart(CommandConsole console, TesseraConfig config, TrainingStage stage, bool allowChanges)
    {
        string path = BestPath(config, stage);
        Checkpoint checkpoint = Read(console, config, stage, path);
        if (allowChanges)
        {
            return checkpoint;
        }

        ClassAgreement.Require(config, path, checkpoint.Run.Classes);
        return Staleness(checkpoint, path) is { } staleness ? throw new BadFileException($"{staleness} To start from it all the same, say --allow-changes.") : checkpoint;
    }

    /// <summary>The deploy form: the finest output and its argmax, without what they do not need.</summary>
    public static Network Deploy(Network network) => network with { Graph = DeployGraph.Of(network.Graph) };

    /// <summary>Lowers the deploy form of an annotated network to the integer program that every runner executes.</summary>
    /// <exception cref="WorkException">An accumulator could exceed what float32 holds exactly; the message names node and channel.</exception>
    public static IntegerProgram Lower(Network annotated) => Lowering.Lower(Deploy(annotated));

    private static string BestPath(TesseraConfig config, TrainingStage stage) => new CheckpointStore(config.CkptDir, stage).BestPath;

    private static Checkpoint Read(CommandConsole console, TesseraConfig config, TrainingStage stage, string path)
    {
        Checkpoint checkpoint = CheckpointFile.Read(path, stage, config.TrainingGraph());
        if (!checkpoint.IsVerified)
        {
            console.Error.WriteLine($"note: {path} was written by an earlier Tessera ({checkpoint.ToolVersion}) and carries no checksum, so damage to it would go unnoticed.");
        }

        return checkpoint;
    }

    /// <summary>That a stage from which a checkpoint came has been trained again since, in words; null where it has not.</summary>
    private static string? Staleness(Checkpoint checkpoint, string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        try
        {
            if (CheckpointLineage.FirstReplaced(checkpoint, folder) is not { } replaced)
            {
                return null;
            }

            string before = Path.GetFileName(new CheckpointStore(folder, replaced).BestPath);
            string commands = string.Join(", then ", Enumerable.Range((int)replaced + 1, checkpoint.State.Stage - replaced).Select(stage => RunAgain((TrainingStage)stage)));
            return $"{path} did not come from the {before} that lies beside it: stage {TrainingStages.NameOf(replaced)} has been trained again since. Run {commands}.";
        }
        catch (BadFileException fault)
        {
            return $"Whether {path} came from what lies beside it cannot be told: {fault.Message}";
        }
    }

    private static string RunAgain(TrainingStage stage) => $"`tessera train --stage {TrainingStages.NameOf(stage)}{(stage == TrainingStage.Calibration ? "" : " --overwrite")}`";
}
