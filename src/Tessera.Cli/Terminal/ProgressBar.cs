using System.Diagnostics;
using System.Globalization;

namespace Tessera.Cli.Terminal;

/// <summary>
/// How far a long piece of work is, with rate and time left. On a terminal one line is redrawn; elsewhere a plain line now and then, so that
/// a log file shows life without filling up.
/// </summary>
/// <param name="console">Where to draw: the message stream, so that results can be redirected.</param>
/// <param name="what">What is being done, in a word or two.</param>
/// <param name="unit">What is counted, in the plural.</param>
internal sealed class ProgressBar(CommandConsole console, string what, string unit) : IDisposable
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _last = Stopwatch.GetTimestamp();
    private bool _isDrawn;

    /// <summary>Shows the state, unless it was shown a moment ago.</summary>
    /// <param name="done">Finished so far.</param>
    /// <param name="total">All.</param>
    /// <param name="details">Further figures, the most important first, with two spaces between them; null for the mean rate and the time left at that rate.</param>
    public void Report(long done, long total, string? details = null)
    {
        lock (_gate)
        {
            long now = Stopwatch.GetTimestamp();
            if (Stopwatch.GetElapsedTime(_last, now) < (console.ErrorIsTerminal ? TerminalInterval : PlainInterval))
            {
                return;
            }

            _last = now;
            string text = string.Create(CultureInfo.InvariantCulture, $"{done}/{total} {unit}  {details ?? RateAndTimeLeft(done, total, Stopwatch.GetElapsedTime(_start, now))}");
            if (console.ErrorIsTerminal)
            {
                // The last column stays free: some terminals wrap as soon as it is filled.
                console.Redraw(ProgressLine.Fit(what, (double)done / Math.Max(1, total), text, console.Columns() - 1));
                _isDrawn = true;
            }
            else
            {
                console.Error.WriteLine($"{what} {text}");
            }
        }
    }

    /// <summary>Takes the redrawn line away, before other output.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (_isDrawn)
            {
                console.Redraw("");
                _isDrawn = false;
            }
        }
    }

    /// <summary>Takes the redrawn line away at the end, also when the work failed.</summary>
    public void Dispose() => Clear();

    private static string RateAndTimeLeft(long done, long total, TimeSpan elapsed)
    {
        double rate = done / Math.Max(elapsed.TotalSeconds, 1e-9);
        string left = done == 0 ? "?" : Duration.Text(TimeSpan.FromSeconds((total - done) / rate));
        return string.Create(CultureInfo.InvariantCulture, $"{rate:0.0}/s  {left} left");
    }
}
