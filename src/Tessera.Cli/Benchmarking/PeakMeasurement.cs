using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tessera.Cli.Benchmarking;

/// <summary>Measures a machine's peaks, a fraction of a second for each number of threads.</summary>
internal static class PeakMeasurement
{
    private const int Tries = 3;
    private const int CacheBytes = 256 << 10;
    private const long LeastMemoryBytes = 64 << 20;
    private const long MostMemoryBytes = 512 << 20;
    private const long AssumedCache = 32 << 20;
    private const int ProbeTurns = 100_000;
    private static readonly TimeSpan Each = TimeSpan.FromMilliseconds(40);

    // What the loops compute goes here, or the compiler could leave them out.
    private static int s_sink;

    /// <summary>Measures on a number of threads at once; the best of three tries counts, for other work only ever slows one down.</summary>
    public static PeakRates Measure(int threads)
    {
        (MacLoop loop, double macs) = MacLoop.Supported().Select(loop => (loop, Macs(loop, threads))).MaxBy(pair => pair.Item2);
        return new PeakRates(threads, loop.Name, macs, Bandwidth(threads, MemoryBytes() / threads), Bandwidth(threads, CacheBytes));
    }

    /// <summary>A buffer four times as large as the last-level cache.</summary>
    private static long MemoryBytes() => Math.Clamp(4 * LastLevelCache(), LeastMemoryBytes, MostMemoryBytes);

    /// <summary>Bytes of the last cache before memory, where Linux tells; else an assumption on the large side.</summary>
    private static long LastLevelCache()
    {
        const string Folder = "/sys/devices/system/cpu/cpu0/cache";
        long largest = 0;
        foreach (string index in Directory.Exists(Folder) ? Directory.EnumerateDirectories(Folder, "index*", new EnumerationOptions { IgnoreInaccessible = true }) : [])
        {
            string file = Path.Combine(index, "size");
            string text = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
            long unit = text.EndsWith('K') ? 1 << 10 : text.EndsWith('M') ? 1 << 20 : 0;
            if (unit > 0 && long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long size))
            {
                largest = Math.Max(largest, size * unit);
            }
        }

        return largest > 0 ? largest : AssumedCache;
    }

    private static double Macs(MacLoop loop, int threads)
    {
        long start = Stopwatch.GetTimestamp();
        s_sink += loop.Run(ProbeTurns);
        int turns = (int)Math.Clamp(ProbeTurns * (Each / Stopwatch.GetElapsedTime(start)), ProbeTurns, int.MaxValue / 2);
        return Best(threads, _ => loop.Run(turns), (double)loop.MacsPerTurn * turns * threads);
    }

    private static double Bandwidth(int threads, long bytesEach)
    {
        byte[][] buffers = [.. Enumerable.Range(0, threads).Select(_ => new byte[bytesEach])];
        Array.ForEach(buffers, buffer => Array.Fill(buffer, (byte)1)); // untouched pages would all be one page of zeros
        s_sink += Read(buffers[0], 1);
        long start = Stopwatch.GetTimestamp();
        s_sink += Read(buffers[0], 1);
        int passes = (int)Math.Clamp(Each / Stopwatch.GetElapsedTime(start), 1, 1_000_000);
        return Best(threads, thread => Read(buffers[thread], passes), (double)bytesEach * passes * threads);
    }

    /// <summary>Runs the work on all threads at once and returns units per second of the best try.</summary>
    private static double Best(int threads, Func<int, int> work, double units)
    {
        double best = 0;
        for (int i = 0; i < Tries; i++)
        {
            using var ready = new Barrier(threads + 1);
            ExceptionDispatchInfo? fault = null;
            Thread[] running = [.. Enumerable.Range(0, threads).Select(thread => new Thread(() =>
            {
                try
                {
                    ready.SignalAndWait();
                    Interlocked.Add(ref s_sink, work(thread));
                }
                catch (Exception met)
                {
                    fault = ExceptionDispatchInfo.Capture(met); // thrown below; on this thread it would end the process
                }
            }))];
            Array.ForEach(running, thread => thread.Start());
            ready.SignalAndWait();
            long start = Stopwatch.GetTimestamp();
            Array.ForEach(running, thread => thread.Join());
            fault?.Throw();
            best = Math.Max(best, units / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Read(byte[] buffer, int passes)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default;
        for (int pass = 0; pass < passes; pass++)
        {
            ReadOnlySpan<Vector256<int>> vectors = MemoryMarshal.Cast<byte, Vector256<int>>(buffer);
            for (int i = 0; i + 3 < vectors.Length; i += 4)
            {
                s0 += vectors[i];
                s1 += vectors[i + 1];
                s2 += vectors[i + 2];
                s3 += vectors[i + 3];
            }
        }

        return Vector256.Sum(s0 + s1 + s2 + s3);
    }
}
