using Tessera.Core;

namespace Tessera.Training;

/// <summary>Another schedule with a linear start: step i of the first n takes the share (i + 1) / (n + 1) of its rate.</summary>
public sealed class WarmUpSchedule : ILearningRateSchedule
{
    private readonly ILearningRateSchedule _schedule;
    private readonly int _steps;

    /// <summary>Creates the schedule.</summary>
    /// <param name="schedule">What holds after the start, and is scaled during it.</param>
    /// <param name="steps">Steps over which the rate rises; 0 = none.</param>
    /// <exception cref="UsageException">The number of steps is negative.</exception>
    public WarmUpSchedule(ILearningRateSchedule schedule, int steps)
    {
        (_schedule, _steps) = (schedule, steps);
        if (steps < 0)
        {
            throw new UsageException($"The number of warm-up steps is {steps}; it must be 0 or more.");
        }
    }

    /// <inheritdoc/>
    public double RateAt(TrainingMoment moment)
    {
        double rate = _schedule.RateAt(moment);
        return moment.Step < _steps ? rate * (moment.Step + 1) / (_steps + 1) : rate;
    }
}
