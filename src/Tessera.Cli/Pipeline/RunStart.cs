using System.Collections.Immutable;
using Tessera.Cli.Configuration;
using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>What the user said about a stage that may have begun before.</summary>
/// <param name="Resume">Continue from the last checkpoint, which must be there.</param>
/// <param name="Overwrite">Start afresh although the folder has checkpoints of the stage.</param>
/// <param name="AllowChanges">Go on although settings, classes, data or earlier stages are not those that the checkpoint came from.</param>
internal sealed record StartOptions(bool Resume = false, bool Overwrite = false, bool AllowChanges = false);

/// <summary>Decides whether a stage may start as it was asked to; nothing is written.</summary>
internal static class RunStart
{
    /// <summary>Passes when a fresh run replaces nothing unasked, or a resumed one goes on with what it began with.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="stage">Float or QAT.</param>
    /// <param name="run">What the new run would write about itself.</param>
    /// <param name="start">What was asked.</param>
    /// <exception cref="BadFileException">It may not; the message says why, and which option does what.</exception>
    public static void Require(TesseraConfig config, TrainingStage stage, RunInfo run, StartOptions start)
    {
        var store = new CheckpointStore(config.CkptDir, stage);
        string name = TrainingStages.NameOf(stage);
        if (start.Resume)
        {
            RequireSame(config, store, run, start.AllowChanges);
        }
        else if (store.HasAny && !start.Overwrite)
        {
            throw new BadFileException($"{config.CkptDir} already has checkpoints of stage {name}, which a new training would replace. Say --resume to continue it, --overwrite to replace it, or give this run a folder of its own with --set ckpt_dir=DIR.");
        }
    }

    private static void RequireSame(TesseraConfig config, CheckpointStore store, RunInfo run, bool allowChanges)
    {
        if (!File.Exists(store.LastPath))
        {
            throw new BadFileException($"--resume: there is nothing to continue, for there is no {store.LastPath}. {(File.Exists(store.BestPath)
                ? $"({store.BestPath} alone lacks the optimizer's state.) Say --overwrite instead to start afresh and replace it."
                : "Leave --resume out to start afresh, or check ckpt_dir.")}");
        }

        RunInfo before = store.ReadLast(config.TrainingGraph()).Run;
        ImmutableArray<string> differences =
        [
            .. ResumeDifferences.Of(config, run.Data, store.Stage, before, store.LastPath),
            .. before.Lineage.Where(item => run.Lineage.TryGetValue(item.Key, out string? now) && now != item.Value)
                .Select(item => $"the {TrainingStages.NameOf(item.Key)} checkpoint that it started from: weights {item.Value[..Math.Min(12, item.Value.Length)]}… there, {run.Lineage[item.Key][..12]}… now"),
        ];
        if (!differences.IsEmpty && !allowChanges)
        {
            throw new BadFileException($"{store.LastPath} is of a training that differs from what would continue it:\n  {string.Join("\n  ", differences)}\n"
                + "Give what it was trained with, or say --allow-changes to continue with what is given now, or --overwrite instead of --resume to start afresh.");
        }
    }
}
