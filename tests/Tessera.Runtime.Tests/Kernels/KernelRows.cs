using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>Runs row kernels over whole images whose rows lie where a test wants them.</summary>
internal static unsafe class KernelRows
{
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
            inputs[y] = InputRow(kernel, row, conv.Geometry.Columns.Padding * input.Channels, place);
        }

        var result = new sbyte[output.Count];
        byte** rows = stackalloc byte*[conv.Geometry.Rows.Reach + conv.Geometry.Rows.Stride];
        for (int y = 0; y < output.Height; y += rowsAtOnce)
        {
            int count = Math.Min(rowsAtOnce, output.Height - y);
            for (int i = 0; i < conv.Geometry.Rows.Reach + ((count - 1) * conv.Geometry.Rows.Stride); i++)
            {
                int source = (y * conv.Geometry.Rows.Stride) - conv.Geometry.Rows.Padding + i;
                rows[i] = inputs[(uint)source < (uint)input.Height ? source : input.Height].Pixels;
            }

            using RowMemory target = new(place, new byte[outputLength], slack: ConvRow.Slack), next = new(place, new byte[outputLength], slack: ConvRow.Slack);
            using RowMemory? residual = testCase.Residual is null ? null : new RowMemory(place, MemoryMarshal.AsBytes(testCase.Residual.AsSpan(y * outputLength, outputLength)), slack: ConvRow.Slack);
            using var scratch = new RowMemory(place, new byte[kernel.ScratchBytes]);
            kernel.Run(new ConvRow
            {
                Inputs = rows,
                Residual = residual is null ? null : residual.Pixels,
                Output = target.Pixels,
                NextOutput = count == 2 ? next.Pixels : null,
                Scratch = scratch.Pixels,
            });
            scratch.AssertNothingElseWritten();
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
    public static sbyte[] Upsample(UpsampleRowKernel kernel, UpsampleInstruction upsample, IntegerTensor shape, sbyte[] image, RowPlace place)
    {
        int outputLength = shape.Width * shape.Channels * upsample.ColumnFactor;
        RowMemory[] inputs = Rows(shape, image, place);
        var result = new sbyte[outputLength * shape.Height * upsample.RowFactor];
        for (int y = 0; y < shape.Height * upsample.RowFactor; y++)
        {
            BilinearTap row = BilinearTap.Of(y, upsample.RowFactor, shape.Height);
            using var target = new RowMemory(place, new byte[outputLength]);
            using var scratch = new RowMemory(place, new byte[kernel.ScratchBytes]);
            kernel.Run(inputs[row.Near].Pixels, inputs[row.Far].Pixels, row, target.Pixels, scratch.Pixels);
            Take(target, scratch, result.AsSpan(y * outputLength, outputLength));
        }

        Array.ForEach(inputs, row => row.Dispose());
        return result;
    }

    /// <summary>A pooling, one output row after another.</summary>
    public static sbyte[] Pool(PoolRowKernel kernel, ConvAxis window, IntegerTensor shape, IntegerTensor output, sbyte[] image, RowPlace place)
    {
        int outputLength = output.Width * output.Channels;
        RowMemory[] inputs = Rows(shape, image, place);
        var result = new sbyte[output.Count];
        byte** rows = stackalloc byte*[window.Kernel];
        for (int y = 0; y < output.Height; y++)
        {
            int count = 0;
            for (int source = (y * window.Stride) - window.Padding, tap = 0; tap < window.Kernel; tap++, source++)
            {
                if (source >= 0 && source < shape.Height)
                {
                    rows[count++] = inputs[source].Pixels;
                }
            }

            using var target = new RowMemory(place, new byte[outputLength]);
            using var scratch = new RowMemory(place, new byte[kernel.ScratchBytes]);
            kernel.Run(rows, count, target.Pixels, scratch.Pixels);
            Take(target, scratch, result.AsSpan(y * outputLength, outputLength));
        }

        Array.ForEach(inputs, row => row.Dispose());
        return result;
    }

    private static RowMemory[] Rows(IntegerTensor shape, sbyte[] image, RowPlace place)
    {
        int length = shape.Width * shape.Channels;
        return [.. Enumerable.Range(0, shape.Height).Select(y => new RowMemory(place, MemoryMarshal.AsBytes(image.AsSpan(y * length, length))))];
    }

    private static void Take(RowMemory target, RowMemory scratch, Span<sbyte> row)
    {
        target.AssertNothingElseWritten();
        scratch.AssertNothingElseWritten();
        new ReadOnlySpan<sbyte>(target.Pixels, row.Length).CopyTo(row);
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
            return new RowMemory(place, MemoryMarshal.AsBytes(values.AsSpan()), padding, ConvRow.Slack);
        }

        Assert.Equal(sizeof(short), kernel.InputElementBytes);
        short[] widened = Array.ConvertAll(values, value => (short)value);
        return new RowMemory(place, MemoryMarshal.AsBytes(widened.AsSpan()), padding * sizeof(short), ConvRow.Slack);
    }
}
