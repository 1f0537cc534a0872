using System.Runtime.InteropServices;
using Tessera.Programs;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>Runs row kernels over whole images whose rows lie where a test wants them.</summary>
internal static unsafe class KernelRows
{
    // What the engine leaves behind the rows that it widens (RowStorage): a kernel of 16-bit inputs may read it.
    private const int WidenedSlack = 64;

    /// <summary>A convolution of a whole image.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="testCase">The convolution and its image.</param>
    /// <param name="place">Where each row lies.</param>
    /// <param name="rowsAtOnce">Output rows per call, at most as many as the kernel makes at once.</param>
    public static sbyte[] Convolve(ConvRowKernel kernel, ConvCase testCase, RowPlace place, int rowsAtOnce)
    {
        ConvInstruction conv = testCase.Conv;
        IntegerTensor input = testCase.Input, output = testCase.Output;
        int rowLength = input.Width * input.Channels, outputLength = output.Width * output.Channels;
        var inputs = new RowMemory[input.Height + 1];
        for (int y = 0; y <= input.Height; y++)
        {
            sbyte[] row = y < input.Height ? testCase.Image[(y * rowLength)..((y + 1) * rowLength)] : new sbyte[rowLength];
            inputs[y] = InputRow(kernel, row, conv.Padding * input.Channels, place);
        }

        var result = new sbyte[output.Count];
        byte** rows = stackalloc byte*[conv.Kernel + conv.Stride];
        for (int y = 0; y < output.Height; y += rowsAtOnce)
        {
            int count = Math.Min(rowsAtOnce, output.Height - y);
            for (int i = 0; i < conv.Kernel + ((count - 1) * conv.Stride); i++)
            {
                int source = (y * conv.Stride) - conv.Padding + i;
                rows[i] = inputs[(uint)source < (uint)input.Height ? source : input.Height].Pixels;
            }

            using RowMemory target = new(place, new byte[outputLength]), next = new(place, new byte[outputLength]);
            using RowMemory? residual = testCase.Residual is null ? null : new RowMemory(place, MemoryMarshal.AsBytes(testCase.Residual.AsSpan(y * outputLength, outputLength)));
            kernel.Run(new ConvRow
            {
                Inputs = rows,
                Residual = residual is null ? null : residual.Pixels,
                Output = target.Pixels,
                NextOutput = count == 2 ? next.Pixels : null,
            });
            Take(target, y);
            if (count == 2)
            {
                Take(next, y + 1);
            }
        }

        foreach (RowMemory row in inputs)
        {
            row.Dispose();
        }

        return result;

        void Take(RowMemory row, int y)
        {
            row.AssertNothingElseWritten();
            new ReadOnlySpan<sbyte>(row.Pixels, outputLength).CopyTo(result.AsSpan(y * outputLength));
        }
    }

    /// <summary>An upsampling, one output row after another.</summary>
    public static sbyte[] Upsample(UpsampleRowKernel kernel, IntegerTensor shape, sbyte[] image, RowPlace place)
    {
        int length = shape.Width * shape.Channels;
        RowMemory[] inputs = [.. Enumerable.Range(0, shape.Height).Select(y => new RowMemory(place, MemoryMarshal.AsBytes(image.AsSpan(y * length, length))))];
        var result = new sbyte[4 * shape.Count];
        for (int y = 0; y < 2 * shape.Height; y++)
        {
            int far = Math.Clamp(y % 2 == 0 ? (y / 2) - 1 : (y / 2) + 1, 0, shape.Height - 1);
            using var target = new RowMemory(place, new byte[2 * length]);
            using var scratch = new RowMemory(place, new byte[kernel.ScratchBytes]);
            kernel.Run(inputs[y / 2].Pixels, inputs[far].Pixels, target.Pixels, scratch.Pixels);
            target.AssertNothingElseWritten();
            scratch.AssertNothingElseWritten();
            new ReadOnlySpan<sbyte>(target.Pixels, 2 * length).CopyTo(result.AsSpan(2 * y * length));
        }

        foreach (RowMemory row in inputs)
        {
            row.Dispose();
        }

        GC.KeepAlive(inputs);
        return result;
    }

    /// <summary>The classes of one row of logits.</summary>
    public static byte[] ArgMax(ArgMaxRowKernel kernel, IntegerTensor shape, sbyte[] logits, RowPlace place)
    {
        using var input = new RowMemory(place, MemoryMarshal.AsBytes(logits.AsSpan()));
        using var target = new RowMemory(place, new byte[shape.Width]);
        kernel.Run(input.Pixels, target.Pixels);
        target.AssertNothingElseWritten();
        return new ReadOnlySpan<byte>(target.Pixels, shape.Width).ToArray();
    }

    private static RowMemory InputRow(ConvRowKernel kernel, sbyte[] values, int padding, RowPlace place)
    {
        if (kernel.InputElementBytes == 1)
        {
            return new RowMemory(place, MemoryMarshal.AsBytes(values.AsSpan()), padding);
        }

        Assert.Equal(sizeof(short), kernel.InputElementBytes);
        short[] widened = Array.ConvertAll(values, value => (short)value);
        return new RowMemory(place, MemoryMarshal.AsBytes(widened.AsSpan()), padding * sizeof(short), WidenedSlack);
    }
}
