using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>Images to be pooled, with the result that the reference gives.</summary>
internal sealed class PoolCase
{
    private static readonly int[] Widths = [1, 3, 4, 7, 8, 16, 19, 32, 33];

    private readonly IntegerTensor _shape;
    private readonly IntegerTensor _output;
    private readonly sbyte[] _image;
    private readonly PoolRowKernel _kernel;
    private readonly ConvAxis _rows;
    private readonly sbyte[] _expected;

    private PoolCase(int height, int width, int channels, ConvAxis rows, ConvAxis columns, bool average)
    {
        _rows = rows;
        var random = new Random((channels * 1000) + (height * 100) + width);
        _shape = new IntegerTensor("x", height, width, channels, 0.1f);
        _output = new IntegerTensor("y", rows.OutputSize(height), columns.OutputSize(width), channels, 0.1f);
        _image = [.. Enumerable.Range(0, _shape.Count).Select(_ => (sbyte)(random.Next(4) switch { 0 => -128, 1 => 127, 2 => random.Next(-4, 5), _ => random.Next(-128, 128) }))];
        _expected = new sbyte[_output.Count];
        if (average)
        {
            var pool = new AveragePoolInstruction("y", 0, 1) { Rows = rows, Columns = columns };
            ReferenceAveragePool.Run(pool, _shape, _output, _image, _expected);
            _kernel = new AveragePoolKernel(pool, _shape, _output);
        }
        else
        {
            var pool = new MaxPoolInstruction("y", 0, 1) { Rows = rows, Columns = columns };
            ReferenceMaxPool.Run(pool, _shape, _output, _image, _expected);
            _kernel = new MaxPoolKernel(pool, _shape, _output);
        }
    }

    public static IReadOnlyList<PoolCase> All { get; } =
    [
        .. from channels in Widths
           from window in (ConvAxis[])[new(2, 2), new(3, 1), new(3, 2), new(5, 3), new(8, 8)]
           from average in (bool[])[false, true]
           select new PoolCase(9, 11, channels, window, window, average),
        .. from channels in Widths from average in (bool[])[false, true] select new PoolCase(6, 10, channels, new(6, 6), new(5, 5), average),
        .. from channels in Widths select new PoolCase(7, 10, channels, new(3, 2, 1), new(2, 1, 1), average: false),
        new PoolCase(300, 200, 8, new(300, 300), new(200, 200), average: true), // the sum of 60,000 values
    ];

    /// <summary>Computes the case and compares every element.</summary>
    public void Check(RowPlace place)
    {
        sbyte[] actual = KernelRows.Pool(_kernel, _rows, _shape, _output, _image, place);
        Assert.True(actual.AsSpan().SequenceEqual(_expected), $"{_kernel.Name} of {_shape.Height}x{_shape.Width}x{_shape.Channels} differs at element {actual.AsSpan().CommonPrefixLength(_expected)}.");
    }
}
