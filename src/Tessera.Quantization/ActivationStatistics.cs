using System.Numerics;
using System.Runtime.InteropServices;
using Tessera.Quantization.Observers;

namespace Tessera.Quantization;

/// <summary>What calibration remembers of one tensor besides its range: a few numbers for each channel, whatever the number of batches.</summary>
/// <param name="channels">Its channels.</param>
/// <param name="pixels">Its pixels in one image.</param>
internal sealed class ActivationStatistics(int channels, int pixels)
{
    private readonly float[] _largest = new float[channels];
    private readonly double[] _sums = new double[channels];
    private readonly List<(int Batches, float Scale)> _scales = []; // at powers of two
    private double _squares;
    private long _count;

    /// <summary>Whether anything was seen.</summary>
    public bool HasValues => _count > 0;

    /// <summary>The largest magnitude of each channel; of the whole tensor where its channels could not be told apart.</summary>
    public ReadOnlyMemory<float> Largest => _largest;

    /// <summary>The mean of each channel; of the whole tensor where its channels could not be told apart. NaN before the first value.</summary>
    public ReadOnlyMemory<double> Mean => Array.ConvertAll(_sums, sum => sum / _count * channels);

    /// <summary>Root of the mean square; NaN before the first value.</summary>
    public double RootMeanSquare => Math.Sqrt(_squares / _count);

    /// <summary>Takes the values of a batch, N×C×H×W.</summary>
    public void Take(ReadOnlySpan<float> values)
    {
        _count += values.Length;
        int plane = values.Length > 0 && values.Length % ((long)channels * pixels) == 0 ? pixels : values.Length;
        for (int start = 0, number = 0; start < values.Length; start += plane, number++)
        {
            ReadOnlySpan<float> part = values.Slice(start, plane);
            (float min, float max) = Extremes.Of(part);
            (double sum, double squares) = Sums(part);
            bool isChannel = plane == pixels;
            Span<float> largest = isChannel ? _largest.AsSpan(number % channels, 1) : _largest;
            largest.Fill(MathF.Max(largest[0], MathF.Max(-min, max)));
            foreach (ref double channel in isChannel ? _sums.AsSpan(number % channels, 1) : _sums)
            {
                channel += isChannel ? sum : sum / channels;
            }

            _squares += squares;
        }
    }

    /// <summary>Remembers the scale that an observer has come to, after each batch.</summary>
    public void Follow(Observer observer)
    {
        if (BitOperations.IsPow2(observer.Batches))
        {
            _scales.Add((observer.Batches, observer.Scale));
        }
    }

    /// <summary>How far the scale has moved over the last half of the batches or more, as a share of it; NaN where there were fewer than four.</summary>
    public double Drift(Observer observer) => observer.Batches < 4 ? double.NaN
        : Math.Abs((_scales.Last(entry => entry.Batches <= observer.Batches / 2).Scale / observer.Scale) - 1);

    private static (double Sum, double Squares) Sums(ReadOnlySpan<float> values)
    {
        double sum = 0, squares = 0;
        const int Block = 4096; // so that float32 sums stay short
        for (int start = 0; start < values.Length; start += Block)
        {
            ReadOnlySpan<float> block = values.Slice(start, Math.Min(Block, values.Length - start));
            ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(block);
            Vector<float> own = Vector<float>.Zero, square = own;
            foreach (Vector<float> x in vectors)
            {
                own += x;
                square += x * x;
            }

            sum += Vector.Sum(own);
            squares += Vector.Sum(square);
            foreach (float x in block[(vectors.Length * Vector<float>.Count)..])
            {
                sum += x;
                squares += x * x;
            }
        }

        return (sum, squares);
    }
}
