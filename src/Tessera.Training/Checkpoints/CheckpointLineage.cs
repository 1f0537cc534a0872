using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Training;

/// <summary>From which checkpoints a checkpoint came: a calibration from a float training, a QAT from a calibration.</summary>
public static class CheckpointLineage
{
    /// <summary>The lineage of what is made from a checkpoint: its own, and itself.</summary>
    public static ImmutableSortedDictionary<TrainingStage, string> After(Checkpoint checkpoint) =>
        checkpoint.Run.Lineage.SetItem(checkpoint.State.Stage, checkpoint.WeightsHash);

    /// <summary>
    /// The first stage from which a checkpoint came and whose best checkpoint in a folder now holds other weights; null where there is none.
    /// A stage that has no checkpoint in the folder, and a checkpoint that does not say where it came from, are not judged.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="BadFileException">A checkpoint of the folder cannot be read.</exception>
    public static TrainingStage? FirstReplaced(Checkpoint checkpoint, string folder)
    {
        foreach ((TrainingStage stage, string hash) in checkpoint.Run.Lineage)
        {
            string path = new CheckpointStore(folder, stage).BestPath;
            if (File.Exists(path) && WeightsHash.Of(SafetensorsFile.Read(path)) != hash)
            {
                return stage;
            }
        }

        return null;
    }
}
