using System.Globalization;
using Tessera.Cli.Alignment;

namespace Tessera.Cli.Diagnostics;

/// <summary>Compares what the self-test's runners computed; every element must be equal.</summary>
internal static class SelfTestChecks
{
    private const string Report = "the arithmetic of docs/arithmetic.md is broken here, results cannot be trusted: please report it with the output of ./tessera doctor --json";

    /// <summary>The row <c>selftest.rounding</c>.</summary>
    public static Check Rounding(IReadOnlyList<RoundingCase> cases)
    {
        RoundingCase[] wrong = [.. cases.Where(one => !one.Expected.Equals(one.Actual))];
        return Row(
            "rounding",
            "self-test: rounding",
            wrong.Length == 0,
            wrong.Length == 0 ? $"{cases.Count} worked cases, all equal"
                : string.Create(CultureInfo.InvariantCulture, $"{wrong.Length} of {cases.Count} worked cases differ; first: {wrong[0].Text} = {wrong[0].Actual}, not {wrong[0].Expected}"),
            cases.Count,
            wrong.Length);
    }

    /// <summary>The row <c>selftest.compiled</c>: every layer.</summary>
    public static Check Compiled(SelfTestResult result)
    {
        int layers = result.Reference[0].Layers.Count;
        long values = result.Values * result.Reference.Count;
        Check outputs = Compare("compiled", "self-test: compiled model", result.Reference, result.Compiled);
        string[] differing = [.. result.Reference.Zip(result.Compiled).SelectMany(pair => DifferingLayers(pair.First, pair.Second)).Distinct()];
        return differing.Length == 0 && outputs.State == CheckState.Ok
            ? Row("compiled", outputs.Name, true, $"{values:N0} values of {layers} layers as in the reference executor, all equal", values, 0)
            : outputs with { State = CheckState.Failed, Found = $"{outputs.Found}; {differing.Length} of {layers} layers differ: {string.Join(", ", differing.Take(3))}", Remedy = Report };
    }

    /// <summary>The row of a runner in a native library; a warning without result where the library does not work, because its own row says that.</summary>
    public static Check Native(NativeDependency dependency, ProbeResult probe, IReadOnlyList<RunnerOutput> reference)
    {
        string name = $"self-test: {(dependency == NativeDependency.Libtorch ? "QAT in libtorch" : "integer ONNX")}";
        return probe.Works
            ? Compare(dependency.Id, name, reference, [.. probe.Compute!.Outputs.Select(output => output.ToRunnerOutput())])
            : new Check($"selftest.{dependency.Id}", name, CheckState.Warning, $"not run: {dependency.Name} does not work here", $"as for {dependency.Name} above")
            {
                Details = new Dictionary<string, object?> { ["compared"] = 0L, ["differing"] = null },
            };
    }

    private static Check Compare(string id, string name, IReadOnlyList<RunnerOutput> expected, IReadOnlyList<RunnerOutput> actual)
    {
        if (expected.Count != actual.Count)
        {
            return Row(id, name, false, $"{actual.Count} results for {expected.Count} images", 0, expected.Count);
        }

        long logits = expected.Sum(output => output.Logits.LongLength), pixels = expected.Sum(output => output.ClassMap.LongLength);
        long wrongLogits = expected.Zip(actual, (one, other) => one.DifferingLogits(other)).Sum(), wrongPixels = expected.Zip(actual, (one, other) => one.DifferingPixels(other)).Sum();
        bool isEqual = wrongLogits + wrongPixels == 0;
        string found = isEqual
            ? $"{logits:N0} logits and {pixels:N0} pixels as in the reference executor, all equal"
            : $"{wrongLogits:N0} of {logits:N0} logits and {wrongPixels:N0} of {pixels:N0} pixels differ from the reference executor";
        return Row(id, name, isEqual, found, logits + pixels, wrongLogits + wrongPixels);
    }

    private static IEnumerable<string> DifferingLayers(RunnerOutput expected, RunnerOutput actual) =>
        expected.Layers.Where(layer => !actual.Layers.TryGetValue(layer.Key, out byte[]? hash) || !hash.AsSpan().SequenceEqual(layer.Value)).Select(layer => layer.Key);

    private static Check Row(string id, string name, bool isEqual, string found, long compared, long differing) =>
        new($"selftest.{id}", name, isEqual ? CheckState.Ok : CheckState.Failed, found, isEqual ? null : Report)
        {
            Details = new Dictionary<string, object?> { ["compared"] = compared, ["differing"] = differing },
        };
}
