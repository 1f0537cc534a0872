using System.Diagnostics;
using System.Globalization;
using Tessera.Cli.Alignment;
using Tessera.Cli.Benchmarking;
using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Training;

namespace Tessera.Cli.Verification;

/// <summary>What <c>verify</c> holds against a budget.</summary>
/// <param name="ConfigPath">The configuration's file.</param>
/// <param name="Artefact">The compiled model.</param>
/// <param name="Checkpoint">The QAT checkpoint; null for the run's best one.</param>
/// <param name="TrustData">Measure although the pack has other classes.</param>
internal sealed record VerifyOptions(string ConfigPath, string Artefact, string? Checkpoint, bool TrustData);

/// <summary>Measures what each limit of a budget is about, by the means of the commands that measure it alone: <c>predict</c>, <c>align</c>, <c>bench</c>, <c>compile</c>.</summary>
internal sealed class VerifyRun(CommandContext context, TesseraConfig config, Budget budget, VerifyOptions options)
{
    /// <summary>Measures every limit; one that cannot be measured does not keep the others from it.</summary>
    /// <returns>One result for each limit, in the order of the documentation.</returns>
    public IReadOnlyList<LimitResult> Run() =>
    [
        .. Measured("max_bytes", budget.MaxBytes is not null, Bytes),
        .. Measured("max_estimated_ms", !budget.MaxEstimatedMs.IsEmpty, Estimates),
        .. Measured("max_latency", budget.MaxLatency is not null, Latency),
        .. Measured("max_miou_drop", budget.MaxMiouDrop is not null, MiouDrop),
        .. Measured("bit_equal", !budget.BitEqual.IsEmpty, BitEqual),
    ];

    private IEnumerable<LimitResult> Measured(string key, bool isAsked, Func<IEnumerable<LimitResult>> measure)
    {
        if (!isAsked)
        {
            return [];
        }

        context.Cancellation.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        LimitResult[] results;
        try
        {
            results = [.. measure()];
        }
        catch (TesseraException fault)
        {
            results = [LimitResult.Unmeasured(key, fault)]; // the command ends with it, after the other limits
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return results.Select(result => result with { Elapsed = elapsed });
    }

    private IEnumerable<LimitResult> Bytes()
    {
        _ = ArtefactReader.Read(options.Artefact);
        long bytes = new FileInfo(options.Artefact).Length;
        return [new LimitResult("max_bytes", "bytes", budget.MaxBytes, bytes, string.Create(CultureInfo.InvariantCulture, $"{options.Artefact} has {bytes:N0} bytes."))];
    }

    private IEnumerable<LimitResult> Estimates()
    {
        CompiledProgram compiled = ArtefactReader.Read(options.Artefact).Compiled;
        return budget.MaxEstimatedMs.Select(limit =>
        {
            string name = $"max_estimated_ms.{limit.March.Name}";
            CheckResult check = ProgramChecker.Check(compiled.Program, limit.March);
            if (!check.IsSupported)
            {
                return new LimitResult(name, "ms", limit.Milliseconds, null, $"March {limit.March.Name} does not support this model: {string.Join(" | ", check.Violations)}");
            }

            double estimate = ModelCompiler.Compile(compiled.Program, new CompileOptions(limit.March, (OptLevel)compiled.Info.OptLevel, compiled.Info.Classes)).Estimate.LatencyMilliseconds;
            return new LimitResult(name, "ms", limit.Milliseconds, estimate, string.Create(CultureInfo.InvariantCulture, $"By the rates of march {limit.March.Name} a frame takes {estimate:0.000} ms on one core."));
        });
    }

    private IEnumerable<LimitResult> Latency()
    {
        LatencyLimit limit = budget.MaxLatency!;
        BenchResult bench = BenchRun.Run(
            context, config, new BenchOptions(options.ConfigPath, [limit.Threads], limit.RatioToOnnxFloat is null ? [] : ["float"], options.Artefact, null, limit.Frames));
        RunnerTimes tessera = bench.Runners[0];
        string how = $"{(limit.Threads == 1 ? "1 thread" : $"{limit.Threads} threads")}, the median of {tessera.Milliseconds.Count} frames";
        List<LimitResult> results = [];
        if (limit.Milliseconds is { } most)
        {
            results.Add(new LimitResult("max_latency.ms", "ms", most, tessera.Median, string.Create(CultureInfo.InvariantCulture, $"A frame takes {tessera.Median:0.00} ms on {bench.Machine.Processor}, {how}.")));
        }

        if (limit.RatioToOnnxFloat is { } mostRatio)
        {
            RunnerTimes peer = bench.Runners.FirstOrDefault(runner => runner.Id == "float") ?? throw new WorkException(string.Join(' ', bench.Remarks));
            double ratio = BenchStatistics.PairedRatio(tessera.Milliseconds, peer.Milliseconds);
            results.Add(new LimitResult("max_latency.ratio_to_onnx_float", "times", mostRatio, ratio, string.Create(
                CultureInfo.InvariantCulture, $"A frame takes {tessera.Median:0.00} ms, in ONNX Runtime in float {peer.Median:0.00} ms: {ratio:0.000} times as long, {how}.")));
        }

        return results;
    }

    private IEnumerable<LimitResult> MiouDrop()
    {
        double reference = PredictStep.Run(context, config, "float", null, config.EvalSize, options.TrustData).Metrics.MeanIoU;
        double compiled = PredictStep.Run(
            context, config, Predictors.Compiled, Predictors.OfArtefact(context.Console, config, options.Artefact), config.EvalSize, Environment.ProcessorCount, options.TrustData).Metrics.MeanIoU;
        double drop = 100 * (reference - compiled);
        string size = EvalSizeOption.Describe(config.EvalSize, config);
        return
        [
            new LimitResult("max_miou_drop", "points", budget.MaxMiouDrop, double.IsFinite(drop) ? drop : null, double.IsFinite(drop)
                ? $"mIoU of float {MetricReport.Percent(reference)} %, of compiled {MetricReport.Percent(compiled)} %, at {size}."
                : $"No pixel of the validation images bears a class, so there is no mIoU at {size}. Give labelled images as val_data_loader.dataset.data_path."),
        ];
    }

    private IEnumerable<LimitResult> BitEqual()
    {
        var forms = new ExactForms(context.Console, config, options.Checkpoint, options.Artefact);
        string[] names = [.. budget.BitEqual.SelectMany(pair => new[] { pair.First, pair.Second }).Distinct()];
        List<IRunner> runners = [];
        try
        {
            runners.AddRange(names.Select(forms.Runner));
            using DataSource data = DataSource.ForValidation(config, EvalSize.Input, Environment.ProcessorCount).RequireClasses(config, options.TrustData);
            using var bar = new ProgressBar(context.Console, "comparing", "images");
            (int, int)[] pairs = [.. budget.BitEqual.Select(pair => (Array.IndexOf(names, pair.First), Array.IndexOf(names, pair.Second)))];
            PairDifference[] differences = PairComparison.Run(runners, pairs, data.Batches, (done, total) => bar.Report(done, total), context.Cancellation);
            return [.. budget.BitEqual.Zip(differences, (pair, difference) => Judged(pair, difference, forms.DifferentConstants(pair.First, pair.Second)))];
        }
        finally
        {
            runners.ForEach(runner => runner.Dispose());
        }
    }

    private LimitResult Judged((string First, string Second) pair, PairDifference difference, string? constants)
    {
        string found = difference.FirstImage is { } image
            ? string.Create(CultureInfo.InvariantCulture, $"{pair.First} and {pair.Second} differ in {difference.DifferingImages} of {difference.Images} images: {difference.DifferingPixels:N0} pixels, {difference.DifferingLogits:N0} logits, first in {image}.")
            : $"{pair.First} and {pair.Second} are equal in every element of {difference.Images} images.";
        return new LimitResult($"bit_equal.{pair.First}={pair.Second}", "differing images", 0, difference.DifferingImages, constants is null
            ? found
            : $"{found} {char.ToUpperInvariant(constants[0])}{constants[1..]}: {options.Artefact} was not compiled from this checkpoint, or was changed. Compile it again.")
        {
            IsSound = constants is null,
        };
    }
}
