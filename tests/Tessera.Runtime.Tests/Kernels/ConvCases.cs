using Tessera.Core;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>
/// The convolutions that every kernel set is tested on: seeded samples of all combinations, with each width, each number of channels and
/// each kind of weights in some of them.
/// </summary>
internal static class ConvCases
{
    private const int MostProducts = 1000; // with all weights -128 a sum stays just below the accumulator's limit

    private static readonly int[] TileWidths = [.. Enumerable.Range(1, 20), 31, 32, 33];

    private static readonly Lazy<IReadOnlyList<ConvCase>> Everything = new(() => [.. Pointwise(), .. Depthwise(), .. Stem(), .. Dense(), .. Others(), .. OtherNetworks()]);

    public static IReadOnlyList<ConvCase> All => Everything.Value;

    private static IEnumerable<ConvCase> Pointwise()
    {
        var maker = new ConvCaseMaker(1);
        int[] inputs = [4, 8, 12, 16, 20, 24, 32, 64, 128], outputs = [1, 3, 4, 5, 8, 9, 15, 16, 17, 19, 31, 32, 33, 48, 64, 65];
        foreach (int outputChannels in outputs)
        {
            foreach (int inputChannels in inputs)
            {
                foreach (bool residual in (bool[])[false, true])
                {
                    yield return maker.Make("pointwise", maker.Random.Next(1, 3), maker.Any(TileWidths), inputChannels, outputChannels, 1, 1, 0, 1, nonNegative: true, residual);
                }
            }
        }

        foreach (int width in TileWidths)
        {
            foreach (int outputChannels in outputs)
            {
                yield return maker.Make("pointwise", 1, width, maker.Any(inputs), outputChannels, 1, 1, 0, 1, nonNegative: true, residual: maker.Random.Next(2) == 0);
            }
        }
    }

    private static IEnumerable<ConvCase> Depthwise()
    {
        var maker = new ConvCaseMaker(2);
        int[] widths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 67];
        foreach (int channels in (int[])[1, 3, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128])
        {
            for (int i = 0; i < 2 * widths.Length; i++)
            {
                yield return maker.Make("depthwise", 1 + (i % 5), widths[i / 2], channels, channels, 3, 1 + (i % 2), 1, channels, nonNegative: true, residual: false);
            }

            for (int stride = 1; stride <= 2; stride++)
            {
                foreach (WeightKind weights in Enum.GetValues<WeightKind>())
                {
                    foreach (ValueKind values in Enum.GetValues<ValueKind>())
                    {
                        yield return maker.Make("depthwise", 3, maker.Any(widths), channels, channels, 3, stride, 1, channels, nonNegative: true, residual: false, weights, values);
                    }
                }
            }
        }
    }

    private static IEnumerable<ConvCase> Stem()
    {
        var maker = new ConvCaseMaker(3);
        foreach (int outputs in (int[])[4, 8, 16, 32])
        {
            for (int width = 1; width <= 41; width++)
            {
                yield return maker.Make("stem", 1 + (width % 5), width, 3, outputs, 3, 2, 1, 1, nonNegative: false, residual: false);
            }
        }
    }

    private static IEnumerable<ConvCase> Dense()
    {
        var maker = new ConvCaseMaker(4);
        foreach (int kernel in (int[])[1, 3, 5])
        {
            for (int stride = 1; stride <= 3; stride++)
            {
                foreach (int outputs in (int[])[1, 3, 4, 5, 8, 16, 24, 32, 48])
                {
                    yield return maker.Sized("dense", maker.Any([1, 2, 3, 4, 7, 8, 16]), outputs, kernel, stride, padding: kernel / 2, 1, nonNegative: false, residual: maker.Random.Next(3) == 0);
                    yield return maker.Sized("dense", maker.Any([1, 2, 3, 5, 8, 20]), outputs, kernel, stride, maker.Random.Next(kernel), 1, nonNegative: maker.Random.Next(2) == 0, residual: maker.Random.Next(3) == 0);
                }
            }
        }
    }

    // What is like the forms before in all but one thing.
    private static IEnumerable<ConvCase> Others()
    {
        var maker = new ConvCaseMaker(5);
        foreach (int channels in (int[])[1, 4, 8, 16, 32, 64, 1, 4, 8, 16, 32, 64, 1, 4, 8, 16, 32, 64])
        {
            yield return maker.Sized("depthwise of signed values", channels, channels, 3, 1, 1, channels, nonNegative: false, residual: false);
            yield return maker.Sized("depthwise of signed values", channels, channels, 3, 2, 1, channels, nonNegative: false, residual: false);
            yield return maker.Sized("depthwise with residual", channels, channels, 3, 1, 1, channels, nonNegative: true, residual: true);
            yield return maker.Sized("depthwise of stride 3", channels, channels, 3, 3, 1, channels, nonNegative: true, residual: false);
            yield return maker.Sized("depthwise 5x5", channels, channels, 5, 1, 2, channels, nonNegative: true, residual: false);
            yield return maker.Sized("depthwise without padding", channels, channels, 3, 1, 0, channels, nonNegative: true, residual: false);
            yield return maker.Sized("depthwise with wide padding", channels, channels, 3, 1, 2, channels, nonNegative: true, residual: false);
            yield return maker.Sized("two outputs per channel", channels, 2 * channels, 3, 1, 1, channels, nonNegative: true, residual: false);
            yield return maker.Sized("pointwise of stride 2", channels, 16, 1, 2, 0, 1, nonNegative: true, residual: false);
            yield return maker.Sized("pointwise of signed values", channels, 16, 1, 1, 0, 1, nonNegative: false, residual: true);
            yield return maker.Sized("grouped", 2 * channels, 16, 1, 1, 0, 2, nonNegative: true, residual: maker.Random.Next(3) == 0);
            yield return maker.Sized("grouped", 4 * channels, 32, 3, 1, 1, 4, nonNegative: true, residual: maker.Random.Next(3) == 0);
            yield return maker.Sized("grouped of signed values", 3 * channels, 24, 3, 2, 1, 3, nonNegative: false, residual: maker.Random.Next(3) == 0);
        }
    }

    // Channels that fill no register, few classes, signed values, windows of any shape, groups of any size: drawn often, each with every other.
    private static IEnumerable<ConvCase> OtherNetworks()
    {
        var maker = new ConvCaseMaker(6);
        int[] widths = [1, 2, 3, 5, 6, 7, 11, 12, 13, 19, 24, 36, 40, 72, 100];
        foreach (int channels in widths)
        {
            for (int i = 0; i < 16; i++)
            {
                var rows = Axis(maker);
                ConvAxis columns = i % 3 == 0 ? Axis(maker) : rows;
                yield return maker.Sized("any depthwise", channels, channels, new ConvGeometry(rows, columns, channels), nonNegative: i % 2 == 0, residual: maker.Random.Next(3) == 0);
                yield return maker.Sized("any dense", Math.Min(maker.Any(widths), MostProducts / (rows.Kernel * columns.Kernel)), channels, new ConvGeometry(rows, columns), nonNegative: i % 2 == 0, residual: maker.Random.Next(3) == 0);
                yield return maker.Sized("any pointwise", maker.Any(widths), channels, ConvGeometry.Square(1), nonNegative: i % 2 == 0, residual: maker.Random.Next(3) == 0);
            }
        }

        foreach (int groups in (int[])[2, 3, 4, 5, 8])
        {
            foreach (int perGroup in (int[])[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 17, 20, 32, 33])
            {
                foreach (bool nonNegative in (bool[])[false, true])
                {
                    bool square = maker.Random.Next(3) > 0;
                    ConvGeometry geometry = square ? ConvGeometry.Square(maker.Any([1, 1, 3]), maker.Any([1, 2]), 1, groups) : new ConvGeometry(Axis(maker), Axis(maker), groups);
                    yield return maker.Sized("any grouped", groups * Math.Min(maker.Any([1, 2, 3, 4, 5, 8, 10, 12, perGroup]), MostProducts / geometry.Area), groups * perGroup, geometry, nonNegative, residual: maker.Random.Next(3) == 0);
                }
            }
        }
    }

    private static ConvAxis Axis(ConvCaseMaker maker)
    {
        int kernel = maker.Any([1, 2, 3, 3, 3, 5, 5, 7]), dilation = maker.Any([1, 1, 2, 4]), reach = ((kernel - 1) * dilation) + 1;
        return new ConvAxis(kernel, maker.Any([1, 1, 2, 3]), maker.Any([0, reach / 2, reach / 2, reach - 1]), dilation);
    }
}
