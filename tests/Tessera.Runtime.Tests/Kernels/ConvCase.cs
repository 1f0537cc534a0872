using Tessera.Programs;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>One convolution with an image, and the result that the reference gives.</summary>
internal sealed class ConvCase(string name, ConvInstruction conv, IntegerTensor input, IntegerTensor output, bool nonNegative, sbyte[] image, sbyte[]? residual)
{
    private readonly Lazy<sbyte[]> _expected = new(() =>
    {
        var result = new sbyte[output.Count];
        ReferenceConv.Run(conv, input, output, image, residual, result);
        return result;
    });

    public ConvInstruction Conv => conv;

    public IntegerTensor Input => input;

    public IntegerTensor Output => output;

    /// <summary>Whether the kernel may count on inputs of 0..127.</summary>
    public bool NonNegative => nonNegative;

    public sbyte[] Image => image;

    public sbyte[]? Residual => residual;

    public sbyte[] Expected => _expected.Value;

    public override string ToString() => name;

    /// <summary>Computes the case with the kernel that a set chooses for it, and compares every element.</summary>
    /// <returns>The kernel's name, for those who count which were reached.</returns>
    public string Check(KernelSet set, RowPlace place) => Check(set.Conv(conv, input, output, nonNegative), place);

    /// <summary>Computes the case with a kernel that was made for it, and compares every element.</summary>
    /// <inheritdoc cref="Check(KernelSet, RowPlace)"/>
    public string Check(ConvRowKernel kernel, RowPlace place)
    {
        for (int rows = 1; rows <= kernel.RowsAtOnce; rows++)
        {
            sbyte[] actual = KernelRows.Convolve(kernel, this, place, rows);
            int first = actual.AsSpan().CommonPrefixLength(Expected);
            Assert.True(first == actual.Length, first == actual.Length ? "" : Difference(kernel, actual, first, rows));
        }

        GC.KeepAlive(kernel);
        return kernel.Name;
    }

    private string Difference(ConvRowKernel kernel, sbyte[] actual, int first, int rows)
    {
        (int pixel, int channel) = Math.DivRem(first, output.Channels);
        return $"{kernel.Name}, {rows} rows at once, on {name}: at y {pixel / output.Width}, x {pixel % output.Width}, channel {channel} it gives {actual[first]} instead of {Expected[first]}.";
    }
}
