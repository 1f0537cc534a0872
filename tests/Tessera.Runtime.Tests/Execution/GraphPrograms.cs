using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Runtime.Tests.Execution;

/// <summary>Programs made for the executor: random graphs of any shape, and large ones whose tensors do not stay in the cache.</summary>
internal static class GraphPrograms
{
    private const int MostPixels = 2500;

    /// <summary>
    /// A random graph: convolutions of all kinds, residuals, upsamplings, results that several or no instructions read, odd sizes down to one
    /// pixel, the image itself read again, one to four outputs of which some are read on and some are class maps.
    /// </summary>
    public static IntegerProgram Random(int seed)
    {
        var random = new Random(seed);
        int extent = random.Next(3) == 0 ? 4 : 40;
        var maker = new ProgramMaker(seed, random.Next(1, extent), random.Next(1, extent));
        for (int left = random.Next(3, 16); left > 0; left--)
        {
            int input = random.Next(Math.Max(0, maker.Tensors.Count - 4), maker.Tensors.Count);
            IntegerTensor source = maker.Tensors[input];
            if (random.Next(5) == 0 && source.Height * source.Width * 4 <= MostPixels)
            {
                maker.Upsample(input);
            }
            else if (random.Next(4) == 0)
            {
                AddMoving(maker, random, input);
            }
            else
            {
                AddConv(maker, random, input);
            }
        }

        // Every result may be an output, the image too, whether it is read on or not.
        int[] outputs = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(maker.Tensors.Count)).Append(maker.Tensors.Count - 1).Distinct()];
        return maker.Finish($"random {seed}", random.Next(2) == 0 ? outputs : [.. outputs, maker.ArgMax(random.Next(1, maker.Tensors.Count))]);
    }

    /// <summary>
    /// Above what is kept whole: a stride-1 stem, depthwise and pointwise pairs, a stride-2 branch that is upsampled into a residual, and
    /// logits. Between some of them only a few rows exist at a time, and bands of rows overlap.
    /// </summary>
    public static IntegerProgram Large()
    {
        var maker = new ProgramMaker(77, 131, 521);
        int stem = maker.Conv(0, 8, 3, 1, 1, 1, relu: true);
        int first = maker.Pointwise(maker.Depthwise(stem), 16);
        int second = maker.Pointwise(maker.Depthwise(first), 16, relu: false);
        int third = maker.Conv(second, 8, 3, 1, 1, 1, relu: true);
        int fourth = maker.Pointwise(maker.Depthwise(maker.Conv(third, 32, 1, 1, 0, 1, relu: true)), 8);
        return maker.Finish("large", maker.ArgMax(maker.Pointwise(fourth, 11, relu: false)));
    }

    /// <summary>The same on even sizes with a branch of half the size that is upsampled into a residual, and with two outputs.</summary>
    public static IntegerProgram LargeWithBranch()
    {
        var maker = new ProgramMaker(78, 200, 388);
        int stem = maker.Conv(0, 16, 3, 1, 1, 1, relu: true);
        int wide = maker.Pointwise(maker.Depthwise(stem), 24);
        int half = maker.Pointwise(maker.Depthwise(maker.Depthwise(wide, stride: 2)), 24, relu: false);
        int fused = maker.Pointwise(maker.Depthwise(wide), 24, residual: maker.Upsample(half));
        int logits = maker.Pointwise(maker.Depthwise(maker.Depthwise(fused)), 19, relu: false);
        return maker.Finish("large with branch", maker.ArgMax(logits), half);
    }

    /// <summary>A pooling of any window, an upsampling by other factors, or tensors of one size and scale side by side.</summary>
    private static void AddMoving(ProgramMaker maker, Random random, int input)
    {
        IntegerTensor source = maker.Tensors[input];
        int[] alike = [.. Enumerable.Range(0, maker.Tensors.Count).Where(i => maker.Tensors[i] is var t && t.Height == source.Height && t.Width == source.Width && t.Scale == source.Scale && t.Channels < 200)];
        (int rows, int columns) = (1 << random.Next(4), 1 << random.Next(4));
        switch (random.Next(4))
        {
            case 0:
                maker.AveragePool(input, Axis(source.Height, padded: false), Axis(source.Width, padded: false));
                break;
            case 1:
                maker.MaxPool(input, Axis(source.Height, padded: true), Axis(source.Width, padded: true));
                break;
            case 2 when rows * source.Height * columns * source.Width <= MostPixels:
                maker.Upsample(input, rows, columns, random.Next(2) == 0 ? UpsampleMode.Nearest : UpsampleMode.Bilinear);
                break;
            default:
                maker.Concat([.. Enumerable.Range(0, random.Next(2, 5)).Select(_ => alike[random.Next(alike.Length)])]);
                break;
        }

        ConvAxis Axis(int size, bool padded)
        {
            int kernel = random.Next(1, random.Next(2) == 0 ? size + 1 : Math.Min(size, 4) + 1);
            return new ConvAxis(kernel, random.Next(1, kernel + 2), padded ? random.Next((kernel / 2) + 1) : 0);
        }
    }

    /// <summary>A few instructions of every kind that moves or averages values, and a convolution that ends below 127, for artefacts that hold all of them.</summary>
    public static IntegerProgram Moving(int seed)
    {
        var maker = new ProgramMaker(seed, 8, 6);
        int conv = maker.Conv(0, 5, new ConvGeometry(new ConvAxis(3, 1, 2, 2), new ConvAxis(1)), relu: true, high: 90);
        int average = maker.AveragePool(conv, new ConvAxis(2, 2), new ConvAxis(3, 3)), largest = maker.MaxPool(conv, new ConvAxis(3, 2, 1), new ConvAxis(3, 3, 0));
        int up = maker.Upsample(average, 2, 4, UpsampleMode.Bilinear), near = maker.Upsample(largest, 2, 4, UpsampleMode.Nearest);
        return maker.Finish("moving", maker.ArgMax(maker.Conv(maker.Concat(up, near, up), 3, 1, 1, 0, 1, relu: false)), average);
    }

    private static void AddConv(ProgramMaker maker, Random random, int input)
    {
        IntegerTensor source = maker.Tensors[input];
        int form = random.Next(7);
        bool depthwise = form is 0 or 1;
        ConvAxis rows = Axis(source.Height), columns = form is 1 or 3 && random.Next(2) == 0 ? Axis(source.Width) : rows;
        if (rows.OutputSize(source.Height) < 1 || columns.OutputSize(source.Width) < 1)
        {
            (rows, columns, depthwise) = (new ConvAxis(1), new ConvAxis(1), false);
        }

        if ((long)rows.OutputSize(source.Height) * columns.OutputSize(source.Width) > MostPixels)
        {
            (rows, columns) = (new ConvAxis(1), new ConvAxis(1));
        }

        (int height, int width) = (rows.OutputSize(source.Height), columns.OutputSize(source.Width));
        int channels = depthwise ? source.Channels : ((int[])[1, 2, 3, 4, 5, 8, 8, 12, 12, 16, 16, 19, 24, 24, 32, 33, 36, 64])[random.Next(18)];
        int[] divisors = [.. Enumerable.Range(2, 7).Where(count => source.Channels % count == 0 && channels % count == 0)];
        int groups = depthwise ? channels : divisors.Length > 0 && random.Next(3) == 0 ? divisors[random.Next(divisors.Length)] : 1;
        int[] alike = [.. Enumerable.Range(0, maker.Tensors.Count).Where(i => maker.Tensors[i] is var t && t.Height == height && t.Width == width && t.Channels == channels)];
        int? residual = alike.Length > 0 && random.Next(2) == 0 ? alike[random.Next(alike.Length)] : null;
        maker.Conv(input, channels, new ConvGeometry(rows, columns, groups), relu: random.Next(3) > 0, residual, high: random.Next(5) == 0 ? random.Next(1, 127) : 127);

        ConvAxis Axis(int size)
        {
            int kernel = depthwise ? (random.Next(3) == 0 ? random.Next(1, 8) : 3) : form is 2 or 6 ? 3 : form == 3 ? random.Next(1, 6) : 1;
            int dilation = random.Next(4) == 0 ? random.Next(2, 5) : 1, reach = ((kernel - 1) * dilation) + 1;
            int padding = form == 3 ? random.Next(reach) : reach / 2;
            int stride = random.Next(form == 3 ? 6 : 3) switch { 0 => 2, 5 => 3, _ => 1 };
            return new ConvAxis(kernel, stride, padding, dilation);
        }
    }
}
