using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>Images to be upsampled, with the result that the reference gives.</summary>
internal sealed class UpsampleCase(IntegerTensor shape, sbyte[] image, UpsampleInstruction upsample)
{
    private static readonly UpsampleInstruction Twice = UpsampleInstruction.Bilinear("y", 0, 1);

    private static readonly (int Rows, int Columns)[] Factors = [(1, 2), (2, 1), (4, 4), (8, 8), (2, 8), (16, 1), (64, 64), (1, 1)];

    private static readonly (int Height, int Width)[] FactorSizes = [(1, 1), (1, 3), (3, 1), (3, 5)];

    private static readonly (int Height, int Width)[] Sizes = [(1, 1), (1, 2), (1, 9), (2, 1), (7, 1), (2, 2), (3, 5), (5, 8), (4, 17)];

    private readonly Lazy<sbyte[]> _expected = new(() =>
    {
        var result = new sbyte[upsample.RowFactor * upsample.ColumnFactor * shape.Count];
        ReferenceUpsample.Run(upsample, shape, image, result);
        return result;
    });

    public static IReadOnlyList<UpsampleCase> All { get; } =
    [
        .. from channels in (int[])[1, 3, 4, 5, 7, 8, 12, 16, 19, 24, 31, 32, 33, 48, 64, 65, 96, 128]
           from size in Sizes
           select Random(size.Height, size.Width, channels, Twice),
        .. from factors in Factors
           from channels in (int[])[1, 5, 8, 19, 32]
           from size in FactorSizes
           from mode in Enum.GetValues<UpsampleMode>()
           select Random(size.Height, size.Width, channels, new UpsampleInstruction("y", 0, 1) { RowFactor = factors.Rows, ColumnFactor = factors.Columns, Mode = mode }),
        .. from channels in (int[])[4, 8, 16, 32] from value in (int[])[-128, 127, 0] select Constant(3, 5, channels, (sbyte)value),
    ];

    /// <summary>Computes the case with the kernel that a set chooses for it, and compares every element.</summary>
    public string Check(KernelSet set, RowPlace place)
    {
        UpsampleRowKernel kernel = set.Upsample(upsample, shape);
        sbyte[] actual = KernelRows.Upsample(kernel, upsample, shape, image, place);
        Assert.True(actual.AsSpan().SequenceEqual(_expected.Value), $"{kernel.Name} differs on {this} at element {actual.AsSpan().CommonPrefixLength(_expected.Value)}.");
        return kernel.Name;
    }

    public override string ToString() => $"{upsample.Mode} upsampling of {shape.Height}x{shape.Width}x{shape.Channels} by {upsample.RowFactor}x{upsample.ColumnFactor}";

    // Few different values bring ties often, both ends of the range bring the largest sums.
    private static UpsampleCase Random(int height, int width, int channels, UpsampleInstruction upsample)
    {
        var random = new Random((channels * 1000) + (height * 100) + width);
        var shape = new IntegerTensor("x", height, width, channels, 0.1f);
        return new(shape, [.. Enumerable.Range(0, shape.Count).Select(_ => (sbyte)(random.Next(4) switch { 0 => -128, 1 => 127, 2 => random.Next(-4, 5), _ => random.Next(-128, 128) }))], upsample);
    }

    private static UpsampleCase Constant(int height, int width, int channels, sbyte value)
    {
        var shape = new IntegerTensor("x", height, width, channels, 0.1f);
        return new(shape, [.. Enumerable.Repeat(value, shape.Count)], Twice);
    }
}
