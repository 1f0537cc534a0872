using System.Diagnostics;

namespace Tessera.Data;

/// <summary>Adds up times from several threads.</summary>
internal sealed class LoaderClock
{
    private readonly long[] _ticks = new long[Enum.GetValues<Phase>().Length];
    private long _samples;

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

    public LoaderStatistics Read() => new(
        Interlocked.Read(ref _samples), Time(Phase.ConsumerWait), Time(Phase.WorkerWait), Time(Phase.Read), Time(Phase.Decode), Time(Phase.Augment));

    private TimeSpan Time(Phase phase) => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _ticks[(int)phase]));
}
