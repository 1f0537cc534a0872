namespace Tessera.Training;

/// <summary>
/// Told of a run's progress at fixed points, in the order of the members; for each epoch: begins, steps, validation, checkpoints, ends.
/// A callback sees reports, never the loop's insides; to end a run it cancels the run's token.
/// </summary>
public interface ITrainingCallback
{
    /// <summary>Before the first epoch.</summary>
    void TrainingBegins(TrainingBegin report)
    {
    }

    /// <summary>Before an epoch's first batch.</summary>
    void EpochBegins(EpochBegin report)
    {
    }

    /// <summary>After each optimizer step.</summary>
    void StepEnds(StepReport report)
    {
    }

    /// <summary>After the steps of a QAT epoch, where weight scales had to change.</summary>
    void ScalesRepaired(RepairReport report)
    {
    }

    /// <summary>After each batch of a validation.</summary>
    void ValidationAdvances(EvaluationProgress report)
    {
    }

    /// <summary>After a validation, also that of the calibrated network before QAT's first epoch.</summary>
    void ValidationEnds(ValidationReport report)
    {
    }

    /// <summary>After each file.</summary>
    void CheckpointWritten(CheckpointReport report)
    {
    }

    /// <summary>After an epoch's checkpoints.</summary>
    void EpochEnds(EpochReport report)
    {
    }
}
