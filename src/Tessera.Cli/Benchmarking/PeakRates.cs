namespace Tessera.Cli.Benchmarking;

/// <summary>The rates that this machine reached in loops that do nothing else: what a layer's rate is compared with.</summary>
/// <param name="Threads">On how many threads at once.</param>
/// <param name="Instructions">The instructions that made the multiply-adds.</param>
/// <param name="MacsPerSecond">int8 multiply-adds per second.</param>
/// <param name="MemoryBytesPerSecond">Bytes read per second from a buffer that no cache holds.</param>
/// <param name="CacheBytesPerSecond">Bytes read per second by each thread from 256 KB of its own, summed over the threads.</param>
internal sealed record PeakRates(int Threads, string Instructions, double MacsPerSecond, double MemoryBytesPerSecond, double CacheBytesPerSecond);
