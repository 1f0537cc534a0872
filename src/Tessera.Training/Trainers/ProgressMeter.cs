using System.Diagnostics;

namespace Tessera.Training;

/// <summary>Measures a run: speed, waiting, smoothed loss, and what is left.</summary>
internal sealed class ProgressMeter(int epochs, int stepsPerEpoch, int validationInterval)
{
    private const double LossMemory = 0.98; // half of the weight lies on the last 35 steps

    private long _epochStart;
    private int _earlierSamples;
    private int _earlierSteps;
    private long _mark;
    private double _epochWait;
    private int _epochSamples;
    private double _epochLoss;
    private double _smoothed;
    private double _smoothedWeight;
    private double _stepSeconds;
    private long _steps;
    private double _validationSeconds;
    private int _validations;

    /// <summary>Mean loss over the epoch's images.</summary>
    public double EpochLoss => _epochLoss / _epochSamples;

    /// <summary>The share of the epoch's training time in which the trainer waited for data.</summary>
    public double WaitShare { get; private set; }

    /// <summary>Images of the epoch so far.</summary>
    public int EpochImages => _epochSamples;

    /// <summary>The sum over them of their batches' losses.</summary>
    public double EpochLossSum => _epochLoss;

    /// <summary>Begins an epoch, or goes on with one.</summary>
    /// <param name="earlier">What was done of it before this run; speed is measured without it.</param>
    public void BeginEpoch(EpochProgress? earlier = null)
    {
        _epochStart = _mark = Stopwatch.GetTimestamp();
        (_epochWait, _epochSamples, _epochLoss) = (0, earlier?.Images ?? 0, earlier?.LossSum ?? 0);
        (_earlierSamples, _earlierSteps) = (_epochSamples, earlier?.Batches ?? 0);
    }

    /// <summary>A batch has come; the time since the last step was waiting.</summary>
    public void BatchArrived() => _epochWait += Stopwatch.GetElapsedTime(_mark).TotalSeconds;

    /// <summary>A step has ended.</summary>
    public StepReport StepEnded(int epoch, int step, long globalStep, int samples, double loss, double rate)
    {
        long now = Stopwatch.GetTimestamp();
        double epochSeconds = Stopwatch.GetElapsedTime(_epochStart, now).TotalSeconds;
        _epochSamples += samples;
        _epochLoss += loss * samples;
        _smoothed = (LossMemory * _smoothed) + ((1 - LossMemory) * loss);
        _smoothedWeight = (LossMemory * _smoothedWeight) + (1 - LossMemory);
        WaitShare = _epochWait / epochSeconds;
        double stepSeconds = (_stepSeconds + epochSeconds) / (_steps + step - _earlierSteps);
        _mark = now;
        if (step == stepsPerEpoch)
        {
            _stepSeconds += epochSeconds;
            _steps += step - _earlierSteps;
        }

        return new StepReport(
            epoch, step, stepsPerEpoch, globalStep, loss, _smoothed / _smoothedWeight, rate, (_epochSamples - _earlierSamples) / epochSeconds, WaitShare, TimeLeft(epoch, step, stepSeconds));
    }

    /// <summary>A validation has ended.</summary>
    public void ValidationEnded(double seconds)
    {
        _validationSeconds += seconds;
        _validations++;
    }

    private TimeSpan TimeLeft(int epoch, int step, double stepSeconds)
    {
        long steps = ((long)(epochs - epoch) * stepsPerEpoch) - step;
        int validations = (epochs - epoch + validationInterval - 1) / validationInterval;
        double validation = _validations == 0 ? 0 : _validationSeconds / _validations * validations;
        return TimeSpan.FromSeconds((steps * stepSeconds) + validation);
    }
}
