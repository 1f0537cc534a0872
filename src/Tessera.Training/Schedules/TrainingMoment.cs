namespace Tessera.Training;

/// <summary>Where a training stands before a step.</summary>
/// <param name="Epoch">Epoch, from 0.</param>
/// <param name="Step">Step since the start of training, from 0.</param>
/// <param name="Epochs">Epochs of the whole training, at least 1.</param>
/// <param name="StepsPerEpoch">Steps of an epoch, at least 1.</param>
public readonly record struct TrainingMoment(int Epoch, long Step, int Epochs, int StepsPerEpoch)
{
    /// <summary>The share of the training's steps that are done, 0 to 1.</summary>
    public double Progress => Math.Min(1, Step / ((double)Epochs * StepsPerEpoch));
}
