using System.Numerics;

namespace Tessera.Quantization.Analysis;

/// <summary>How far values are from those that they stand for, over any number of batches.</summary>
public sealed class SignalError
{
    private const int BlockLength = 2048; // float32 sums stay short, and both blocks in the first-level cache
    private double _product;
    private double _actual;

    /// <summary>Σ y² of the values that are right.</summary>
    public double Signal { get; private set; }

    /// <summary>Σ (q − y)².</summary>
    public double Error { get; private set; }

    /// <summary>Signal-to-quantization-noise ratio in dB, 10·log₁₀(Σ y² / Σ (q − y)²); infinite without an error, NaN without a signal.</summary>
    public double Sqnr => Signal > 0 ? 10 * Math.Log10(Signal / Error) : double.NaN;

    /// <summary>Σ y·q / √(Σ y² · Σ q²), -1..1; NaN where one of both is 0 everywhere.</summary>
    public double Cosine => Signal > 0 && _actual > 0 ? _product / Math.Sqrt(Signal * _actual) : double.NaN;

    /// <summary>Takes values.</summary>
    /// <param name="expected">Those that are right.</param>
    /// <param name="actual">As many, in units of <paramref name="scale"/>.</param>
    /// <param name="scale">What 1 of <paramref name="actual"/> is.</param>
    public void Take(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float scale = 1)
    {
        for (int start = 0; start < expected.Length; start += BlockLength)
        {
            int length = Math.Min(BlockLength, expected.Length - start);
            Block(expected.Slice(start, length), actual.Slice(start, length), scale);
        }
    }

    private void Block(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float scale)
    {
        Vector<float> signal = Vector<float>.Zero, error = signal, product = signal, squares = signal;
        int i = 0;
        for (; i <= expected.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> y = new(expected[i..]), q = new Vector<float>(actual[i..]) * scale, e = q - y;
            signal += y * y;
            error += e * e;
            product += y * q;
            squares += q * q;
        }

        (Signal, Error, _product, _actual) = (Signal + Vector.Sum(signal), Error + Vector.Sum(error), _product + Vector.Sum(product), _actual + Vector.Sum(squares));
        for (; i < expected.Length; i++)
        {
            double y = expected[i], q = actual[i] * scale;
            (Signal, Error, _product, _actual) = (Signal + (y * y), Error + ((q - y) * (q - y)), _product + (y * q), _actual + (q * q));
        }
    }
}
