using Tessera.Programs;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>Images to be upsampled, with the result that the reference gives.</summary>
internal sealed class UpsampleCase(IntegerTensor shape, sbyte[] image)
{
    private static readonly (int Height, int Width)[] Sizes = [(1, 1), (1, 2), (1, 9), (2, 1), (7, 1), (2, 2), (3, 5), (5, 8), (4, 17)];

    private readonly Lazy<sbyte[]> _expected = new(() =>
    {
        var result = new sbyte[4 * shape.Count];
        ReferenceUpsample.Run(shape, image, result);
        return result;
    });

    public static IReadOnlyList<UpsampleCase> All { get; } =
    [
        .. from channels in (int[])[1, 3, 4, 5, 7, 8, 12, 16, 19, 24, 31, 32, 33, 48, 64, 65, 96, 128]
           from size in Sizes
           select Random(size.Height, size.Width, channels, new Random((channels * 1000) + (size.Height * 100) + size.Width)),
        .. from channels in (int[])[4, 8, 16, 32] from value in (int[])[-128, 127, 0] select Constant(3, 5, channels, (sbyte)value),
    ];

    /// <summary>Computes the case with the kernel that a set chooses for it, and compares every element.</summary>
    public string Check(KernelSet set, RowPlace place)
    {
        UpsampleRowKernel kernel = set.Upsample(shape);
        sbyte[] actual = KernelRows.Upsample(kernel, shape, image, place);
        Assert.True(actual.AsSpan().SequenceEqual(_expected.Value), $"{kernel.Name} differs on {this} at element {actual.AsSpan().CommonPrefixLength(_expected.Value)}.");
        return kernel.Name;
    }

    public override string ToString() => $"upsampling of {shape.Height}x{shape.Width}x{shape.Channels}";

    // Few different values bring ties often, both ends of the range bring the largest sums.
    private static UpsampleCase Random(int height, int width, int channels, Random random)
    {
        var shape = new IntegerTensor("x", height, width, channels, 0.1f);
        return new(shape, [.. Enumerable.Range(0, shape.Count).Select(_ => (sbyte)(random.Next(4) switch { 0 => -128, 1 => 127, 2 => random.Next(-4, 5), _ => random.Next(-128, 128) }))]);
    }

    private static UpsampleCase Constant(int height, int width, int channels, sbyte value)
    {
        var shape = new IntegerTensor("x", height, width, channels, 0.1f);
        return new(shape, [.. Enumerable.Repeat(value, shape.Count)]);
    }
}
