using Tessera.Graphs;

namespace Tessera.Cli.Comparison;

/// <summary>A tensor that is not the same in two files.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Elements">Its elements; null where it cannot be compared element by element.</param>
/// <param name="Differing">How many of them differ in a bit.</param>
/// <param name="Largest">The largest magnitude of a difference; NaN where one of both is no number.</param>
/// <param name="Relative">That, over the largest magnitude in the first file.</param>
/// <param name="Remark">Why it cannot be compared, in words; else empty.</param>
internal sealed record TensorDifference(string Name, long? Elements, long? Differing, double? Largest, double? Relative, string Remark)
{
    /// <summary>All of two files, in the order of the first, then what only the second has.</summary>
    /// <exception cref="Core.BadFileException">A tensor that differs does not hold float32.</exception>
    public static IEnumerable<TensorDifference> Of(SafetensorsFile first, string firstPath, SafetensorsFile second, string secondPath)
    {
        foreach (SafetensorsTensor tensor in first.Tensors)
        {
            if (!second.TryGet(tensor.Name, out SafetensorsTensor? other))
            {
                yield return Alone(tensor.Name, "only in the first");
            }
            else if (!tensor.Shape.SequenceEqual(other.Shape))
            {
                yield return Alone(tensor.Name, $"[{string.Join(", ", tensor.Shape)}] and [{string.Join(", ", other.Shape)}]");
            }
            else if (!tensor.Data.AsSpan().SequenceEqual(other.Data))
            {
                yield return Measure(tensor.Name, tensor.ToFloats(firstPath), other.ToFloats(secondPath));
            }
        }

        foreach (SafetensorsTensor tensor in second.Tensors.Where(tensor => !first.TryGet(tensor.Name, out _)))
        {
            yield return Alone(tensor.Name, "only in the second");
        }
    }

    private static TensorDifference Measure(string name, float[] a, float[] b)
    {
        long differing = 0;
        double largest = 0, magnitude = 0;
        for (int i = 0; i < a.Length; i++)
        {
            differing += BitConverter.SingleToInt32Bits(a[i]) != BitConverter.SingleToInt32Bits(b[i]) ? 1 : 0;
            largest = Math.Max(largest, Math.Abs((double)a[i] - b[i])); // a NaN stays
            magnitude = Math.Max(magnitude, Math.Abs((double)a[i]));
        }

        return new TensorDifference(name, a.Length, differing, largest, largest / magnitude, "");
    }

    private static TensorDifference Alone(string name, string remark) => new(name, null, null, null, null, remark);
}
