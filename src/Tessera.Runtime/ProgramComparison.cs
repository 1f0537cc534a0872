using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime;

/// <summary>The first tensor in which two executions differ.</summary>
/// <param name="Name">The layer: the tensor's name in both programs.</param>
/// <param name="DifferingElements">How many of its elements differ.</param>
/// <param name="Y">Row of the first one.</param>
/// <param name="X">Column of the first one.</param>
/// <param name="Channel">Channel of the first one.</param>
/// <param name="Expected">Its value in the first program.</param>
/// <param name="Actual">Its value in the second.</param>
public sealed record LayerDifference(string Name, int DifferingElements, int Y, int X, int Channel, int Expected, int Actual)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"layer {Name} differs first: {DifferingElements} elements; at y {Y}, x {X}, channel {Channel} it is {Actual} instead of {Expected}";
}

/// <summary>Runs two forms of one network on one image and finds the first layer whose result differs.</summary>
public static class ProgramComparison
{
    /// <summary>Compares two programs, both executed by the reference.</summary>
    /// <param name="expected">The program that is right by definition.</param>
    /// <param name="actual">The program to check; its instructions may stand in another order.</param>
    /// <param name="image">The image as the network reads it, H×W×3 int8.</param>
    /// <returns>The first differing layer in the order of <paramref name="actual"/>, so that everything it reads is equal; null when all are equal.</returns>
    /// <exception cref="BadFileException">The programs are of different networks or image sizes.</exception>
    public static LayerDifference? FirstDifference(IntegerProgram expected, IntegerProgram actual, ReadOnlySpan<sbyte> image)
    {
        CheckSameNetwork(expected, actual);
        var search = new Search(expected, image);
        new ReferenceExecutor(actual).Run(image, search.Compare);
        return search.First;
    }

    /// <summary>Compares a program, executed by the reference, with a compiled model, executed by the fast kernels.</summary>
    /// <inheritdoc cref="FirstDifference(IntegerProgram, IntegerProgram, ReadOnlySpan{sbyte})"/>
    public static LayerDifference? FirstDifference(IntegerProgram expected, CompiledModel actual, ReadOnlySpan<sbyte> image)
    {
        CheckSameNetwork(expected, actual.Compiled.Program);
        var search = new Search(expected, image);
        actual.Run(image, search.Compare);
        return search.First;
    }

    // Tensors are matched by name; a tensor that only one of them has (a compiler may fuse layers) is no difference, an output is.
    private static void CheckSameNetwork(IntegerProgram expected, IntegerProgram actual)
    {
        ImmutableArray<string> names = OutputNames(expected), others = OutputNames(actual);
        if (!names.SequenceEqual(others))
        {
            throw Foreign($"one has the outputs {string.Join(", ", names)}, the other {string.Join(", ", others)}");
        }

        CheckSameShape(expected.Input, actual.Input);
        Dictionary<string, IntegerTensor> byName = expected.Tensors.ToDictionary(tensor => tensor.Name);
        foreach (IntegerTensor tensor in actual.Tensors)
        {
            if (byName.TryGetValue(tensor.Name, out IntegerTensor? other))
            {
                CheckSameShape(other, tensor);
            }
        }
    }

    private static void CheckSameShape(IntegerTensor expected, IntegerTensor actual)
    {
        if (expected.Height != actual.Height || expected.Width != actual.Width || expected.Channels != actual.Channels)
        {
            throw Foreign($"{expected.Name} is {expected.Height}x{expected.Width}x{expected.Channels} in one and {actual.Height}x{actual.Width}x{actual.Channels} in the other");
        }
    }

    private static ImmutableArray<string> OutputNames(IntegerProgram program) =>
        [.. program.Outputs.Select(output => $"{output.Name} ({program.Tensors[output.Tensor].Name})").Order(StringComparer.Ordinal)];

    private static BadFileException Foreign(string difference) =>
        new($"The two programs are not of the same network: {difference}. Compile the model again from this checkpoint and configuration.");

    private sealed class Search
    {
        private readonly Dictionary<string, sbyte[]> _expected = [];

        public Search(IntegerProgram expected, ReadOnlySpan<sbyte> image) =>
            new ReferenceExecutor(expected).Run(image, (tensor, values) => _expected.Add(tensor.Name, values.ToArray()));

        public LayerDifference? First { get; private set; }

        public void Compare(IntegerTensor tensor, ReadOnlySpan<sbyte> values)
        {
            if (First is not null || !_expected.TryGetValue(tensor.Name, out sbyte[]? expected))
            {
                return;
            }

            int first = values.CommonPrefixLength(expected);
            if (first < values.Length)
            {
                First = Describe(tensor, expected, values, first);
            }
        }

        private static LayerDifference Describe(IntegerTensor tensor, ReadOnlySpan<sbyte> expected, ReadOnlySpan<sbyte> actual, int first)
        {
            int count = 0;
            for (int i = first; i < actual.Length; i++)
            {
                count += expected[i] != actual[i] ? 1 : 0;
            }

            (int pixel, int channel) = Math.DivRem(first, tensor.Channels);
            (int y, int x) = Math.DivRem(pixel, tensor.Width);
            return new LayerDifference(tensor.Name, count, y, x, channel, Value(tensor, expected[first]), Value(tensor, actual[first]));
        }

        private static int Value(IntegerTensor tensor, sbyte value) => tensor.IsClassMap ? (byte)value : value;
    }
}
