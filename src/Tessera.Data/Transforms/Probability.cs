using Tessera.Core;

namespace Tessera.Data;

/// <summary>Checks of what the settings of random transforms have in common.</summary>
internal static class Probability
{
    /// <exception cref="UsageException">The probability is not between 0 and 1.</exception>
    public static void Check(string transform, double probability)
    {
        if (!(probability >= 0 && probability <= 1))
        {
            throw new UsageException(FormattableString.Invariant($"The probability of {transform} is {probability}; it must be 0 to 1."));
        }
    }

    /// <exception cref="UsageException">The range is empty or leaves its limits.</exception>
    public static void CheckRange(string transform, string what, double min, double max, double lowest, double highest)
    {
        if (!(min >= lowest && max >= min && max <= highest))
        {
            throw new UsageException(FormattableString.Invariant($"The {what} range of {transform} is {min}..{max}; it must rise, between {lowest} and {highest}."));
        }
    }
}
