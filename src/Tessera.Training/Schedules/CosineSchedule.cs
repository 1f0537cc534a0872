using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>The rate falls as half a wave: <c>last + (initial - last) · (1 + cos πt) / 2</c>, t the share of the steps that are done.</summary>
public sealed class CosineSchedule : ILearningRateSchedule
{
    private readonly double _initial;
    private readonly double _last;

    /// <summary>Creates a schedule.</summary>
    /// <param name="initial">The first rate, above 0.</param>
    /// <param name="last">The rate that is approached, 0 to the first.</param>
    /// <exception cref="UsageException">A value is out of its range.</exception>
    public CosineSchedule(double initial, double last = 0)
    {
        RateRange.Require(initial, last);
        (_initial, _last) = (initial, last);
    }

    /// <summary>Makes the schedule from its keys.</summary>
    /// <param name="keys">The updater's map.</param>
    /// <param name="initial">The first rate.</param>
    public static CosineSchedule Read(IKeyReader keys, double initial) => new(initial, RateRange.ReadLast(keys, initial));

    /// <inheritdoc/>
    public double RateAt(TrainingMoment moment) => _last + ((_initial - _last) * (1 + Math.Cos(Math.PI * moment.Progress)) / 2);
}
