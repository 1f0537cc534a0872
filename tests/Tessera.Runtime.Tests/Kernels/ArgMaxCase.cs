using Tessera.Programs;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>A row of logits, with the classes that the reference gives.</summary>
internal sealed class ArgMaxCase(IntegerTensor shape, sbyte[] logits, string kind)
{
    public static IReadOnlyList<ArgMaxCase> All { get; } =
    [
        .. from channels in (int[])[.. Enumerable.Range(1, 70), 127, 128, 129, 239, 240, 241, 254, 255]
           from width in (int[])[1, 2, 3, 8, 17, 40]
           from testCase in OfSize(width, channels)
           select testCase,
    ];

    /// <summary>Computes the case with the kernel that a set chooses for it, and compares every element.</summary>
    public string Check(KernelSet set, RowPlace place)
    {
        var expected = new byte[shape.Width];
        ReferenceArgMax.Run(shape, logits, expected);
        ArgMaxRowKernel kernel = set.ArgMax(shape);
        byte[] actual = KernelRows.ArgMax(kernel, shape, logits, place);
        Assert.True(actual.AsSpan().SequenceEqual(expected), $"{kernel.Name} differs on {this} at pixel {actual.AsSpan().CommonPrefixLength(expected)}.");
        return kernel.Name;
    }

    public override string ToString() => $"argmax of {shape.Width} pixels of {shape.Channels} channels, {kind}";

    private static IEnumerable<ArgMaxCase> OfSize(int width, int channels)
    {
        var random = new Random((width * 1000) + channels);
        var shape = new IntegerTensor("x", 1, width, channels, 0.1f);
        yield return new(shape, Values(_ => random.Next(-128, 128)), "random");
        yield return new(shape, Values(_ => random.Next(-2, 2)), "many ties");
        yield return new(shape, Values(_ => -128), "all at the lower end");
        yield return new(shape, Values(_ => random.Next(2) == 0 ? 127 : -128), "both ends");
        yield return new(shape, Values(i => i % channels == channels - 1 ? -127 : -128), "the last by one");
        yield return new(shape, Values(i => (i / channels % channels) <= i % channels ? 127 : 126), "ties from one channel on");

        sbyte[] Values(Func<int, int> value) => [.. Enumerable.Range(0, shape.Count).Select(i => (sbyte)value(i))];
    }
}
