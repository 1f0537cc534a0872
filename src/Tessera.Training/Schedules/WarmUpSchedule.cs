using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>How a training starts.</summary>
public sealed record WarmUpOptions
{
    /// <summary>Steps that the start takes; 0 for none.</summary>
    public int Steps { get; init; }

    /// <summary>Epochs that the start takes, in place of steps.</summary>
    public int Epochs { get; init; }

    /// <summary>Whether the rate stays at <see cref="BeginRate"/> during the start; otherwise it rises linearly from there.</summary>
    public bool IsConstant { get; init; }

    /// <summary>The rate at the beginning.</summary>
    public double BeginRate { get; init; }

    /// <summary>Reads the start's keys of an updater; HAT's <c>warmup_len</c> and <c>warmup_by</c> are steps or epochs.</summary>
    public static WarmUpOptions Read(IKeyReader keys)
    {
        int problems = keys.ProblemCount;
        bool isHats = keys.GivenKeys.Contains("warmup_len");
        bool byEpoch = keys.Choice<bool>("warmup_by", false, ("step", false), ("epoch", true));
        int length = isHats ? keys.Int("warmup_len", 0, 0, 1_000_000) : 0;
        keys.Idle("warmup_len", "warmup_by");
        var start = new WarmUpOptions
        {
            Steps = keys.Int("warmup_steps", byEpoch ? 0 : length, 0, 1_000_000),
            Epochs = keys.Int("warmup_epochs", byEpoch ? length : 0, 0, 100_000),
            IsConstant = keys.Choice<bool>("warmup_mode", false, ("linear", false), ("constant", true)),
            BeginRate = keys.Number("warmup_begin_lr", 0, 0, 1000),
        };
        if (keys.ProblemCount > problems)
        {
            return start;
        }

        if (start.Steps > 0 && start.Epochs > 0)
        {
            keys.Report("warmup_epochs", $"is {start.Epochs} and warmup_steps is {start.Steps}; give one of both.");
        }
        else if (start is { IsConstant: true, BeginRate: 0 } && start.Steps + start.Epochs > 0)
        {
            keys.Report("warmup_begin_lr", "is 0; with `warmup_mode: constant` it is the rate of the start, at which nothing would be learned.");
        }

        return start;
    }
}

/// <summary>
/// Another schedule with a start: step i of the first n has the rate <c>b + (r − b)·(i + 1) / (n + 1)</c>, b the rate at the beginning and r the schedule's own; or b all the time.
/// </summary>
public sealed class WarmUpSchedule : ILearningRateSchedule
{
    private readonly ILearningRateSchedule _schedule;
    private readonly WarmUpOptions _start;

    /// <summary>Creates the schedule with a linear start from 0.</summary>
    /// <param name="schedule">What holds after the start, and is scaled during it.</param>
    /// <param name="steps">Steps over which the rate rises; 0 = none.</param>
    /// <exception cref="UsageException">The number of steps is negative.</exception>
    public WarmUpSchedule(ILearningRateSchedule schedule, int steps)
        : this(schedule, new WarmUpOptions { Steps = steps })
    {
    }

    /// <summary>Creates the schedule.</summary>
    /// <param name="schedule">What holds after the start.</param>
    /// <param name="start">The start.</param>
    /// <exception cref="UsageException">The start's length or rate is negative.</exception>
    public WarmUpSchedule(ILearningRateSchedule schedule, WarmUpOptions start)
    {
        (_schedule, _start) = (schedule, start);
        if (start.Steps < 0 || start.Epochs < 0)
        {
            throw new UsageException($"The number of warm-up steps is {Math.Min(start.Steps, start.Epochs)}; it must be 0 or more.");
        }

        if (!(start.BeginRate >= 0) || !double.IsFinite(start.BeginRate))
        {
            throw new UsageException(FormattableString.Invariant($"The rate of the warm-up is {start.BeginRate}; it must be a number of 0 or more."));
        }
    }

    /// <inheritdoc/>
    public double RateAt(TrainingMoment moment)
    {
        double rate = _schedule.RateAt(moment);
        long steps = _start.Epochs > 0 ? (long)_start.Epochs * moment.StepsPerEpoch : _start.Steps;
        return moment.Step >= steps ? rate : _start.IsConstant ? _start.BeginRate : _start.BeginRate + ((rate - _start.BeginRate) * (moment.Step + 1) / (steps + 1));
    }
}
