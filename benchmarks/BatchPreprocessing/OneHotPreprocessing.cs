using Tessera.Core;
using Tessera.Data;
using Tessera.Imaging;

namespace Tessera.Benchmarks.BatchPreprocessing;

/// <summary>
/// HAT's formulation of a training sample's preprocessing: the label becomes a plane of whole numbers (int64) per class, every plane
/// is transformed in float and made whole again, then shrunk likewise; the image becomes normalised floats. Image sampling and colour conversion are the library's own, so that only the
/// formulation differs.
/// </summary>
internal sealed class OneHotPreprocessing
{
    private const int Classes = 19;
    private readonly int _height;
    private readonly int _width;
    private readonly byte[] _trainIds;
    private readonly byte[] _rgb;
    private readonly sbyte[] _yuv;
    private readonly long[][] _planes;
    private readonly long[][] _changed;
    private readonly float[] _source;
    private readonly float[] _target;

    public OneHotPreprocessing(int height, int width)
    {
        (_height, _width) = (height, width);
        (_trainIds, _rgb, _yuv) = (new byte[height * width], new byte[height * width * 3], new sbyte[height * width * 3]);
        (_planes, _changed) = (Planes(height * width), Planes(height * width));
        (_source, _target) = (new float[height * width], new float[height * width]);
        Image = new float[height * width * 3];
        Coarse = new[] { 4, 8, 16, 32, 64 }.ToDictionary(stride => stride, stride => Planes(height / stride * (width / stride)));
    }

    public float[] Image { get; }

    public IReadOnlyDictionary<int, long[][]> Coarse { get; }

    public void Run(byte[] rgb, byte[] ids, double scale)
    {
        CityscapesLabels.ToTrainIds.Apply(ids, _trainIds, _width, "benchmark");
        for (int c = 0; c < Classes; c++)
        {
            long[] plane = _planes[c];
            for (int i = 0; i < plane.Length; i++)
            {
                plane[i] = _trainIds[i] == c ? 1 : 0;
            }
        }

        SegRandomAffine.Image(rgb, _rgb, _height, _width, new AffineParameters(scale));
        int[] rows = Nearest(_height, scale), columns = Nearest(_width, scale);
        for (int c = 0; c < Classes; c++)
        {
            ToFloat(_planes[c]);
            Affine(_source, _target, rows, columns);
            for (int i = 0; i < _target.Length; i++)
            {
                _changed[c][i] = (long)MathF.Round(_target[i], MidpointRounding.ToEven);
            }
        }

        Yuv444.FromRgb(_rgb, _yuv, _height, _width, YuvSwing.Full);
        for (int i = 0; i < Image.Length; i++)
        {
            Image[i] = _yuv[i] / 128f;
        }

        foreach ((int stride, long[][] planes) in Coarse)
        {
            for (int c = 0; c < Classes; c++)
            {
                ToFloat(_changed[c]);
                Shrink(_source, planes[c], stride);
            }
        }
    }

    /// <summary>The class indices that one-hot planes mean.</summary>
    public static byte[] ToIndices(long[][] planes)
    {
        var indices = new byte[planes[0].Length];
        Array.Fill(indices, ClassTable.Ignore);
        for (int c = 0; c < Classes; c++)
        {
            for (int i = 0; i < indices.Length; i++)
            {
                indices[i] = planes[c][i] == 1 ? (byte)c : indices[i];
            }
        }

        return indices;
    }

    public byte[] Label() => ToIndices(_changed);

    private void ToFloat(long[] plane)
    {
        for (int i = 0; i < plane.Length; i++)
        {
            _source[i] = plane[i];
        }
    }

    private void Affine(float[] source, float[] target, int[] rows, int[] columns)
    {
        for (int y = 0; y < _height; y++)
        {
            Span<float> row = target.AsSpan(y * _width, _width);
            if (rows[y] < 0)
            {
                row.Clear();
                continue;
            }

            ReadOnlySpan<float> from = source.AsSpan(rows[y] * _width, _width);
            for (int x = 0; x < row.Length; x++)
            {
                row[x] = columns[x] < 0 ? 0 : from[columns[x]];
            }
        }
    }

    /// <summary>Bilinear by 1/stride without antialiasing: at an even stride the mean of the four centre pixels; then cut to whole numbers.</summary>
    private void Shrink(float[] source, long[] target, int stride)
    {
        int height = _height / stride, width = _width / stride, centre = (stride / 2) - 1;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<float> upper = source.AsSpan(((y * stride) + centre) * _width, _width), lower = source.AsSpan(((y * stride) + centre + 1) * _width, _width);
            for (int x = 0; x < width; x++)
            {
                int at = (x * stride) + centre;
                target[(y * width) + x] = (long)((0.5f * ((0.5f * upper[at]) + (0.5f * upper[at + 1]))) + (0.5f * ((0.5f * lower[at]) + (0.5f * lower[at + 1]))));
            }
        }
    }

    private static int[] Nearest(int size, double scale)
    {
        var nearest = new int[size];
        for (int i = 0; i < size; i++)
        {
            double place = Math.Round(((i + 0.5 - (size * 0.5)) / scale) + (size * 0.5) - 0.5, MidpointRounding.ToEven);
            nearest[i] = place >= 0 && place < size ? (int)place : -1;
        }

        return nearest;
    }

    private static long[][] Planes(int length) => [.. Enumerable.Range(0, Classes).Select(_ => new long[length])];
}
