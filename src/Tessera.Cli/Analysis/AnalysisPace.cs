using System.Diagnostics;

namespace Tessera.Cli.Analysis;

/// <summary>
/// How many images fit into a time. The first images warm up (memory, machine code), the next are timed until a tenth of the time is over, three at least; from then on the plan stands, and
/// what is left of it is given up only where the machine has become a good deal slower.
/// </summary>
/// <param name="wanted">The most images, at least 1.</param>
/// <param name="seconds">The time.</param>
/// <param name="clock">Seconds since the beginning.</param>
internal sealed class AnalysisPace(int wanted, double seconds, Func<double> clock)
{
    private const int WarmUp = 2;
    private const int LeastTimed = 3;
    private const double TimedShare = 0.1;
    private const double Tolerance = 1.15;

    private double _warm;

    /// <summary>The most images.</summary>
    public int Wanted { get; } = wanted;

    /// <summary>Images that are planned; all that are wanted until the plan is made.</summary>
    public int Images { get; private set; } = wanted;

    /// <summary>Images done.</summary>
    public int Done { get; private set; }

    /// <summary>The time that the whole analysis takes, in seconds, as planned; null before the plan is made.</summary>
    public double? Announced { get; private set; }

    /// <summary>True when the plan was made with the image that was counted last.</summary>
    public bool IsPlannedNow { get; private set; }

    /// <summary>Whether the machine became too slow for the plan.</summary>
    public bool IsLate => Announced is { } announced && Done < Images && clock() + (clock() / Done) > announced * Tolerance;

    /// <summary>Paces by the machine's clock from now on.</summary>
    public static AnalysisPace Start(int wanted, double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        return new AnalysisPace(wanted, seconds, () => Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Counts an image.</summary>
    /// <returns>Whether another one fits.</returns>
    public bool Next()
    {
        Done++;
        double now = clock();
        if (Done == WarmUp)
        {
            _warm = now;
        }

        IsPlannedNow = Announced is null && Done < Wanted && Done >= WarmUp + LeastTimed && now >= seconds * TimedShare;
        if (IsPlannedNow)
        {
            double each = (now - _warm) / (Done - WarmUp);
            Images = (int)Math.Clamp(Done + ((seconds - now) / each), Done, Wanted);
            Announced = now + ((Images - Done) * each);
        }

        return Done < Images && !IsLate;
    }
}
