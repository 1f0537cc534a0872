using System.Globalization;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Training;

/// <summary>The checkpoints of one stage of a run, under HAT's names; every file is whole at every moment.</summary>
/// <param name="folder">The run's folder; made when first written to.</param>
/// <param name="stage">The stage.</param>
public sealed class CheckpointStore(string folder, TrainingStage stage)
{
    /// <summary>The run's folder.</summary>
    public string Folder => folder;

    /// <summary>The stage.</summary>
    public TrainingStage Stage => stage;

    /// <summary>The checkpoint with the highest validation mIoU.</summary>
    public string BestPath => Path.Combine(folder, BestName(stage));

    /// <summary>The checkpoint of the last finished epoch, with the optimizer's state.</summary>
    public string LastPath => Path.Combine(folder, $"{TrainingStages.NameOf(stage)}-checkpoint-last.safetensors");

    /// <summary>Whether the folder has a best or last checkpoint of the stage.</summary>
    public bool HasAny => File.Exists(BestPath) || File.Exists(LastPath);

    /// <summary>For tests: stands between a checkpoint and its file.</summary>
    internal Func<Stream, Stream> StreamFilter { get; init; } = stream => stream;

    /// <summary>The file name of a stage's best checkpoint.</summary>
    public static string BestName(TrainingStage stage) => $"{TrainingStages.NameOf(stage)}-checkpoint-best.safetensors";

    /// <summary>The checkpoint that is kept of an epoch, from 0, where every epoch is kept.</summary>
    public string EpochPath(int epoch) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{TrainingStages.NameOf(stage)}-checkpoint-epoch-{epoch:D4}.safetensors"));

    /// <summary>Writes the best checkpoint, without the optimizer's state.</summary>
    /// <exception cref="BadFileException">The folder cannot be written or the disk is full; the old file is untouched.</exception>
    public void WriteBest(Checkpoint checkpoint) => Write(BestPath, checkpoint with { OptimizerState = new Dictionary<string, float[]>() });

    /// <summary>Removes the last checkpoint, if there is one.</summary>
    /// <exception cref="BadFileException">The folder cannot be written.</exception>
    public void RemoveLast()
    {
        try
        {
            File.Delete(LastPath);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot remove {LastPath}: {fault.Message} Give the run another folder.", fault);
        }
    }

    /// <summary>Writes the last checkpoint.</summary>
    /// <exception cref="BadFileException">The folder cannot be written or the disk is full; the old file is untouched.</exception>
    public void WriteLast(Checkpoint checkpoint) => Write(LastPath, checkpoint);

    /// <summary>Writes the checkpoint of its epoch, without the optimizer's state.</summary>
    /// <exception cref="BadFileException">The folder cannot be written or the disk is full.</exception>
    public void WriteEpoch(Checkpoint checkpoint) => Write(EpochPath(checkpoint.State.Epoch), checkpoint with { OptimizerState = new Dictionary<string, float[]>() });

    /// <summary>Reads the best checkpoint.</summary>
    /// <param name="training">The float training graph of the configuration.</param>
    /// <exception cref="BadFileException">It is missing, damaged, or of another stage or network.</exception>
    public Checkpoint ReadBest(Graph training) => CheckpointFile.Read(BestPath, stage, training);

    /// <summary>Reads the last checkpoint.</summary>
    /// <param name="training">The float training graph of the configuration.</param>
    /// <exception cref="BadFileException">It is missing, damaged, or of another stage or network.</exception>
    public Checkpoint ReadLast(Graph training) => CheckpointFile.Read(LastPath, stage, training);

    private void Write(string path, Checkpoint checkpoint)
    {
        if (checkpoint.State.Stage != stage)
        {
            throw new ArgumentException($"A checkpoint of stage {checkpoint.State.Stage} does not belong into the store of stage {stage}.", nameof(checkpoint));
        }

        SafetensorsFile file = CheckpointFile.ToFile(checkpoint);
        AtomicFile.Write(path, stream => file.WriteTo(StreamFilter(stream)));
    }
}
