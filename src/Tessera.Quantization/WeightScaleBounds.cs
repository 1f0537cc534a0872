using System.Globalization;
using Tessera.Core;

namespace Tessera.Quantization;

/// <summary>
/// Between what a channel's weight scale must lie beside the scales of input and output: <c>max(min(scale, sy / (8·sx)), |b| / (sx·2^22))</c>, and no finer than the
/// accumulator's exact range allows (<c>docs/arithmetic.md</c>). Calibration and every move of a scale in QAT keep it.
/// </summary>
/// <param name="inputScale">sx, of what the convolution reads.</param>
/// <param name="outputScale">sy, of its result.</param>
/// <param name="isInputNonNegative">Whether what it reads is never negative.</param>
/// <param name="requantization">How the sums become int8, which decides what scales there are.</param>
internal readonly struct WeightScaleBounds(float inputScale, float outputScale, bool isInputNonNegative, Requantization requantization)
{
    /// <summary>
    /// The share of the accumulator's 24 bits that a bias may take. A channel whose weights are tiny beside its bias
    /// (batch norm with γ near 0) would otherwise get a weight scale so small that the bias leaves the exact range.
    /// </summary>
    private const double BiasLimit = 1 << 22;

    /// <summary>
    /// The most that one step of the accumulator may be, in steps of the output. A channel that is (almost) always 0 has a variance near 0: folding
    /// batch norm then makes the weights of its reader huge, and a scale that fits them would round the bias to whole output steps. Such
    /// weights are clipped instead; they meet zeros.
    /// </summary>
    private const double CoarsestStep = 1.0 / 8;

    private readonly float _most = (float)(CoarsestStep * outputScale / inputScale);

    /// <summary>The scale within the bounds that is nearest to the wanted one.</summary>
    /// <param name="wanted">The scale that fits the weights.</param>
    /// <param name="weights">The channel's finite weights.</param>
    /// <param name="bias">Its finite bias.</param>
    /// <exception cref="WorkException">No finite scale holds the bias; the message begins with a lower-case letter, for the caller to say where.</exception>
    public float Nearest(float wanted, ReadOnlySpan<float> weights, float bias)
    {
        float least = (float)(Math.Abs(bias) / ((double)inputScale * BiasLimit));
        return float.IsFinite(least)
            ? requantization.Scale(AccumulatorRepair.Scale(Math.Max(Math.Min(wanted, _most), least), weights, bias, inputScale, isInputNonNegative))
            : throw new WorkException(string.Create(CultureInfo.InvariantCulture, $"no weight scale holds its bias {bias:G4} beside the scale {inputScale:G4} of its input."));
    }
}
