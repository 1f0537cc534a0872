using System.Globalization;
using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>The rates between which a schedule moves.</summary>
internal static class RateRange
{
    /// <summary>Reads <c>min_lr</c>, the rate at the end.</summary>
    /// <param name="keys">The updater's map.</param>
    /// <param name="initial">The rate at the start, which it must not exceed.</param>
    public static double ReadLast(IKeyReader keys, double initial)
    {
        double last = keys.Number("min_lr", 0, 0, 1000);
        if (last <= initial)
        {
            return last;
        }

        keys.Report("min_lr", string.Create(CultureInfo.InvariantCulture, $"is {last}; it must not be above the optimizer's lr, {initial}."));
        return 0;
    }

    /// <exception cref="UsageException">A rate is out of its range.</exception>
    public static void Require(double initial, double last = 0)
    {
        if (!(initial > 0) || !double.IsFinite(initial))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"The learning rate is {initial}; it must be a number above 0."));
        }

        if (!(last >= 0 && last <= initial))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"The last learning rate is {last}; it must lie between 0 and the first, {initial}."));
        }
    }
}
