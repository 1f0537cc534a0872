namespace Tessera.Cli.Benchmarking;

/// <summary>Everything that <c>bench</c> found.</summary>
internal sealed record BenchResult
{
    /// <summary>The machine and the programs on it.</summary>
    public required BenchMachine Machine { get; init; }

    /// <summary>The network's name.</summary>
    public required string Network { get; init; }

    /// <summary>The shape of its input, N×C×H×W.</summary>
    public required string InputShape { get; init; }

    /// <summary>Where the parameters come from, in one sentence.</summary>
    public required string Origin { get; init; }

    /// <summary>Multiply-adds of one frame.</summary>
    public required long Macs { get; init; }

    /// <summary>One entry for each runner and number of threads; in each round every one of them ran once, in this order.</summary>
    public required IReadOnlyList<RunnerTimes> Runners { get; init; }

    /// <summary>The machine's measured peaks, for each number of threads.</summary>
    public required IReadOnlyList<PeakRates> Peaks { get; init; }

    /// <summary>The layers of Tessera's model in execution order.</summary>
    public required IReadOnlyList<LayerRate> Layers { get; init; }

    /// <summary>On how many threads the layers were timed.</summary>
    public required int LayerThreads { get; init; }

    /// <summary>What could not be measured, and why.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>How many times Tessera's time on as many threads a runner takes, the median over the rounds; null where Tessera was not measured on as many.</summary>
    public double? TimesTessera(RunnerTimes runner) =>
        Runners.FirstOrDefault(other => other.Id == RunnerTimes.Tessera && other.Threads == runner.Threads) is { } tessera
            ? BenchStatistics.PairedRatio(runner.Milliseconds, tessera.Milliseconds)
            : null;
}

/// <summary>What the figures were measured on.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Cores">Logical cores that this process may use.</param>
/// <param name="Tessera">The version of Tessera.</param>
/// <param name="Kernels">The kernels that Tessera's model runs on.</param>
/// <param name="DotNet">The version of .NET.</param>
/// <param name="OnnxRuntime">The version of ONNX Runtime; null when it is not measured.</param>
internal sealed record BenchMachine(string Processor, int Cores, string Tessera, string Kernels, string DotNet, string? OnnxRuntime);

/// <summary>What was measured of one runner.</summary>
/// <param name="Id">Its name in JSON: <c>tessera</c>, <c>float</c>, <c>qdq</c> or <c>integer</c>.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Threads">Threads that it computes on.</param>
/// <param name="Milliseconds">Milliseconds of each round's frame.</param>
/// <param name="Cold">What a fresh process measured; null when it could not.</param>
/// <param name="EqualPixels">The part of the class map's pixels that equals Tessera's on the same image, 0 to 1.</param>
internal sealed record RunnerTimes(string Id, string Name, int Threads, IReadOnlyList<double> Milliseconds, ColdStart? Cold, double EqualPixels)
{
    /// <summary>The id of Tessera's compiled model.</summary>
    public const string Tessera = "tessera";

    /// <summary>Median of the frames' milliseconds.</summary>
    public double Median => BenchStatistics.Median(Milliseconds);

    /// <summary>99 % of the frames took at most so many milliseconds.</summary>
    public double Percentile99 => BenchStatistics.Percentile99(Milliseconds);

    /// <summary>Frames per second at the median.</summary>
    public double FramesPerSecond => 1000 / Median;
}

/// <summary>A model's start in a fresh process.</summary>
/// <param name="LoadMilliseconds">From the file to a model that can run; of ONNX Runtime without loading its library.</param>
/// <param name="FirstMilliseconds">The first frame.</param>
/// <param name="PeakBytes">Most resident memory until the end of that frame beyond what the process had before loading; null where the system does not tell.</param>
internal sealed record ColdStart(double LoadMilliseconds, double FirstMilliseconds, long? PeakBytes);

/// <summary>How fast one layer ran.</summary>
/// <param name="Name">The instruction's name.</param>
/// <param name="Kernel">What executed it.</param>
/// <param name="Shape">Shape of its result, H×W×C.</param>
/// <param name="Milliseconds">Milliseconds per frame; 0 when another instruction's kernel computed it along.</param>
/// <param name="Macs">Its multiply-adds.</param>
/// <param name="Bytes">Bytes that it must touch: inputs, constants and result, each once.</param>
internal sealed record LayerRate(string Name, string Kernel, string Shape, double Milliseconds, long Macs, long Bytes)
{
    /// <summary>Multiply-adds per second; null without a time of its own.</summary>
    public double? MacsPerSecond => Milliseconds > 0 ? Macs / Milliseconds * 1000 : null;

    /// <summary>Bytes per second; null without a time of its own.</summary>
    public double? BytesPerSecond => Milliseconds > 0 ? Bytes / Milliseconds * 1000 : null;
}
