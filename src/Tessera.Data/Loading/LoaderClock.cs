using System.Diagnostics;

namespace Tessera.Data;

/// <summary>Adds up times from several threads.</summary>
internal sealed class LoaderClock(int workers)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly long[] _ticks = new long[Enum.GetValues<Phase>().Length];
    private long _samples;
    private long _end;

    public enum Phase
    {
        ConsumerWait,
        WorkerWait,
        Read,
        Decode,
        Augment,
    }

    /// <summary>Adds the time since <paramref name="start"/> and returns the present, the start of the next phase.</summary>
    public long Add(Phase phase, long start)
    {
        long now = Stopwatch.GetTimestamp();
        Interlocked.Add(ref _ticks[(int)phase], now - start);
        return now;
    }

    public void CountSample() => Interlocked.Increment(ref _samples);

    /// <summary>Says that the epoch has ended.</summary>
    public void Stop() => Interlocked.CompareExchange(ref _end, Stopwatch.GetTimestamp(), 0);

    public LoaderStatistics Read()
    {
        long end = Interlocked.Read(ref _end);
        return new LoaderStatistics(
            Interlocked.Read(ref _samples), Time(Phase.ConsumerWait), Time(Phase.WorkerWait), Time(Phase.Read), Time(Phase.Decode), Time(Phase.Augment))
        {
            Elapsed = Stopwatch.GetElapsedTime(_start, end == 0 ? Stopwatch.GetTimestamp() : end),
            Workers = workers,
        };
    }

    private TimeSpan Time(Phase phase) => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _ticks[(int)phase]));
}
