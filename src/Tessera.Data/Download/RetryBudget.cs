namespace Tessera.Data;

/// <summary>Counts the failures in a row and says how long to wait after each: the wait doubles, up to a limit.</summary>
internal sealed class RetryBudget(DownloadOptions options)
{
    private int _failures;

    /// <summary>Forgets the failures: there was progress.</summary>
    public void Reset() => _failures = 0;

    /// <summary>Counts one failure.</summary>
    /// <returns>How long to wait before the next attempt, or null when there is none left.</returns>
    public TimeSpan? Fail(TransientFaultException fault)
    {
        _failures++;
        if (_failures >= options.Attempts)
        {
            return null;
        }

        double doubled = options.FirstDelay.TotalSeconds * Math.Pow(2, _failures - 1);
        double wanted = Math.Max(doubled, fault.RetryAfter?.TotalSeconds ?? 0);
        return TimeSpan.FromSeconds(Math.Min(wanted, options.LongestDelay.TotalSeconds));
    }
}
