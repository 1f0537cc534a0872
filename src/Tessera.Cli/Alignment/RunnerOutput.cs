namespace Tessera.Cli.Alignment;

/// <summary>What a runner computed for one image.</summary>
/// <param name="Logits">The int8 logits of the finest stride, H×W×classes.</param>
/// <param name="ClassMap">The class ids, H×W.</param>
/// <param name="Height">Rows of both.</param>
/// <param name="Width">Columns of both.</param>
internal sealed record RunnerOutput(sbyte[] Logits, byte[] ClassMap, int Height, int Width)
{
    /// <summary>SHA-256 of every layer's result by tensor name; empty for a runner that does not show its layers.</summary>
    public IReadOnlyDictionary<string, byte[]> Layers { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>How many logits differ from another runner's.</summary>
    public long DifferingLogits(RunnerOutput other) => Count<sbyte>(Logits, other.Logits);

    /// <summary>How many pixels of the class map differ from another runner's.</summary>
    public long DifferingPixels(RunnerOutput other) => Count<byte>(ClassMap, other.ClassMap);

    /// <summary>True when nothing that both show differs.</summary>
    public bool Matches(RunnerOutput expected, out long logits, out long pixels)
    {
        logits = DifferingLogits(expected);
        pixels = DifferingPixels(expected);
        return logits == 0 && pixels == 0
            && Layers.All(layer => !expected.Layers.TryGetValue(layer.Key, out byte[]? hash) || hash.AsSpan().SequenceEqual(layer.Value));
    }

    private static long Count<T>(ReadOnlySpan<T> values, ReadOnlySpan<T> others)
        where T : IEquatable<T>
    {
        if (values.SequenceEqual(others))
        {
            return 0;
        }

        long count = Math.Abs(values.Length - others.Length);
        for (int i = 0; i < Math.Min(values.Length, others.Length); i++)
        {
            count += values[i].Equals(others[i]) ? 0 : 1;
        }

        return count;
    }
}
