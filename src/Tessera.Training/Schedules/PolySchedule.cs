using System.Globalization;
using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>The rate falls as a power of the steps that are left: <c>last + (initial - last) · (1 - t)^power</c>, t the share of the steps that are done.</summary>
public sealed class PolySchedule : ILearningRateSchedule
{
    private readonly double _initial;
    private readonly double _last;
    private readonly double _power;

    /// <summary>Creates a schedule.</summary>
    /// <param name="initial">The first rate, above 0.</param>
    /// <param name="power">The exponent, above 0; 1 falls linearly.</param>
    /// <param name="last">The rate that is approached, 0 to the first.</param>
    /// <exception cref="UsageException">A value is out of its range.</exception>
    public PolySchedule(double initial, double power = 0.9, double last = 0)
    {
        RateRange.Require(initial, last);
        (_initial, _last, _power) = (initial, last, power);
        if (!(power > 0) || !double.IsFinite(power))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"The power of the learning rate's decay is {power}; it must be a number above 0."));
        }
    }

    /// <summary>Makes the schedule from its keys.</summary>
    /// <param name="keys">The updater's map.</param>
    /// <param name="initial">The first rate.</param>
    public static PolySchedule Read(IKeyReader keys, double initial) => new(initial, keys.Positive("power", 0.9, 100), RateRange.ReadLast(keys, initial));

    /// <inheritdoc/>
    public double RateAt(TrainingMoment moment) => _last + ((_initial - _last) * Math.Pow(1 - moment.Progress, _power));
}
