using System.Diagnostics;

namespace Tessera.Data;

/// <summary>Turns byte counts into reports of one phase, not more than five a second.</summary>
internal sealed class ProgressMeter
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly IProgress<DownloadProgress>? _target;
    private readonly string _package;
    private readonly DownloadPhase _phase;
    private readonly long _start;
    private readonly long? _total;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _next;

    /// <summary>Begins a phase and reports its start.</summary>
    public ProgressMeter(IProgress<DownloadProgress>? target, string package, DownloadPhase phase, long start, long? total)
    {
        _target = target;
        _package = package;
        _phase = phase;
        _start = start;
        _total = total;
        Report(start);
    }

    /// <summary>Reports where the last report is long enough ago.</summary>
    public void Advance(long bytes)
    {
        if (_clock.Elapsed >= _next)
        {
            Report(bytes);
        }
    }

    /// <summary>Reports in any case.</summary>
    public void Report(long bytes)
    {
        TimeSpan elapsed = _clock.Elapsed;
        _next = elapsed + Interval;
        double rate = bytes > _start ? (bytes - _start) / elapsed.TotalSeconds : 0;
        TimeSpan? left = rate > 0 && _total >= bytes ? TimeSpan.FromSeconds((_total.Value - bytes) / rate) : null;
        _target?.Report(new DownloadProgress(_package, _phase, bytes, _total, rate, left));
    }
}
