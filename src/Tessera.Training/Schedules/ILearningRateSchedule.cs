namespace Tessera.Training;

/// <summary>The learning rate as a pure function of time, so that resuming needs no state.</summary>
public interface ILearningRateSchedule
{
    /// <summary>The rate of a step.</summary>
    /// <param name="epoch">Epoch, from 0.</param>
    /// <param name="step">Step since the start of training, from 0.</param>
    double RateAt(int epoch, long step);
}
