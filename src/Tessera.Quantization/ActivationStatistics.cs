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
    private readonly List<(int Batches, float Scale)> _scales = []; // at powers of two
    private double _squares;
    private long _count;

    /// <summary>The largest magnitude of each channel; of the whole tensor where its channels could not be told apart.</summary>
    public ReadOnlySpan<float> Largest => _largest;

    /// <summary>Root of the mean square; NaN before the first value.</summary>
    public double RootMeanSquare => Math.Sqrt(_squares / _count);

    /// <summary>Takes the values of a batch, N×C×H×W, after its observer has.</summary>
    public void Take(ReadOnlySpan<float> values, Observer observer)
    {
        _count += values.Length;
        int plane = values.Length > 0 && values.Length % ((long)channels * pixels) == 0 ? pixels : values.Length;
        for (int start = 0, number = 0; start < values.Length; start += plane, number++)
        {
            ReadOnlySpan<float> part = values.Slice(start, plane);
            (float min, float max) = Extremes.Of(part);
            float largest = MathF.Max(-min, max);
            Span<float> channel = plane == pixels ? _largest.AsSpan(number % channels, 1) : _largest;
            channel.Fill(MathF.Max(channel[0], largest));
            _squares += SumOfSquares(part);
        }

        if (BitOperations.IsPow2(observer.Batches))
        {
            _scales.Add((observer.Batches, observer.Scale));
        }
    }

    /// <summary>How far the scale has moved over the last half of the batches or more, as a share of it; NaN where there were fewer than four.</summary>
    public double Drift(Observer observer) => observer.Batches < 4 ? double.NaN
        : Math.Abs((_scales.Last(entry => entry.Batches <= observer.Batches / 2).Scale / observer.Scale) - 1);

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        const int Block = 4096; // so that float32 sums stay short
        for (int start = 0; start < values.Length; start += Block)
        {
            ReadOnlySpan<float> block = values.Slice(start, Math.Min(Block, values.Length - start));
            ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(block);
            Vector<float> squares = Vector<float>.Zero;
            foreach (Vector<float> x in vectors)
            {
                squares += x * x;
            }

            sum += Vector.Sum(squares);
            foreach (float x in block[(vectors.Length * Vector<float>.Count)..])
            {
                sum += x * x;
            }
        }

        return sum;
    }
}
