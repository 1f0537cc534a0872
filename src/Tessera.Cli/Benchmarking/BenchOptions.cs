using System.Globalization;
using Tessera.Core;

namespace Tessera.Cli.Benchmarking;

/// <summary>What <c>bench</c> shall measure.</summary>
/// <param name="ConfigPath">The configuration's file.</param>
/// <param name="Threads">Numbers of threads, each measured for every runner.</param>
/// <param name="Peers">Forms in ONNX Runtime: some of <see cref="AllPeers"/>.</param>
/// <param name="Artefact">The compiled model; null to compile the configuration's network.</param>
/// <param name="Input">Another input than the configuration's; null for that.</param>
/// <param name="Frames">Rounds to measure; null for as many as fit in half a minute.</param>
internal sealed record BenchOptions(string ConfigPath, IReadOnlyList<int> Threads, IReadOnlyList<string> Peers, string? Artefact, TensorShape? Input, int? Frames)
{
    /// <summary>The forms that ONNX Runtime can run beside Tessera.</summary>
    public static IReadOnlyList<string> AllPeers { get; } = ["float", "qdq", "integer"];

    private const string NoPeers = "none";
    private const int MostThreads = 256;

    /// <summary>Reads a list such as <c>1,2</c>.</summary>
    /// <exception cref="UsageException">It is no list of numbers from 1 to 256.</exception>
    public static IReadOnlyList<int> ParseThreads(string text)
    {
        List<int> threads = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            threads.Add(int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= MostThreads
                ? number
                : throw new UsageException($"--threads is {text}; expected numbers from 1 to {MostThreads} such as 1,2."));
        }

        return [.. threads.Distinct().Order()];
    }

    /// <summary>Reads a list such as <c>float,qdq</c>, or <c>none</c>.</summary>
    /// <exception cref="UsageException">It names something else.</exception>
    public static IReadOnlyList<string> ParsePeers(string text)
    {
        string[] names = text == NoPeers ? [] : text.Split(',', StringSplitOptions.TrimEntries);
        return names.All(AllPeers.Contains)
            ? [.. AllPeers.Where(names.Contains)]
            : throw new UsageException($"--peers is {text}; expected some of {string.Join(",", AllPeers)}, or {NoPeers}.");
    }
}
