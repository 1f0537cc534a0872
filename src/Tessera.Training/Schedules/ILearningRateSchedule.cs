namespace Tessera.Training;

/// <summary>The learning rate as a pure function of time, so that resuming needs no state.</summary>
public interface ILearningRateSchedule
{
    /// <summary>The rate of a step.</summary>
    double RateAt(TrainingMoment moment);
}
