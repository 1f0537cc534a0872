using Tessera.Cli.Benchmarking;

namespace Tessera.Cli.Tests.Benchmarking;

public sealed class PeakMeasurementTests
{
    [Fact]
    public void Every_loop_that_this_processor_supports_does_the_work_that_it_counts()
    {
        foreach (MacLoop loop in MacLoop.Supported())
        {
            // A loop that were left out would give the same sum for every number of turns.
            int[] sums = [.. new[] { 0, 1, 2, 3 }.Select(loop.Run)];
            Assert.Equal(0, sums[0]);
            Assert.True(sums.Distinct().Count() == sums.Length, $"{loop.Name}: {string.Join(", ", sums)}");
            Assert.True(loop.MacsPerTurn > 0);
        }
    }

    [Fact]
    public void The_peaks_of_this_machine_are_positive_numbers()
    {
        PeakRates peaks = PeakMeasurement.Measure(2);
        Assert.Equal(2, peaks.Threads);
        Assert.Contains(peaks.Instructions, MacLoop.Supported().Select(loop => loop.Name));
        foreach (double rate in new[] { peaks.MacsPerSecond, peaks.MemoryBytesPerSecond, peaks.CacheBytesPerSecond })
        {
            Assert.True(double.IsFinite(rate) && rate > 1e6, $"{rate}");
        }
    }
}
