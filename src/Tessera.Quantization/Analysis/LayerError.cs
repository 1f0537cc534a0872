using System.Numerics;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Quantization.Observers;

namespace Tessera.Quantization.Analysis;

/// <summary>
/// What quantizing one layer alone does to its output, over any number of batches. The layer reads float values. Its weights and biases are those that int8 and int32 hold, which
/// makes <c>u</c> of the true output <c>y</c>; <c>u</c> is then rounded to int8. With <c>c</c> the clamp to the range of int8, the error <c>q - y</c> is the sum of three parts:
/// <c>c(y) - y</c> is clipped, <c>c(u) - c(y)</c> comes from the parameters, <c>q - c(u)</c> from rounding. Values less than half a step beyond the range count as rounded.
/// </summary>
public sealed class LayerError
{
    private const int BlockLength = 2048;
    private const int Bins = 1024;

    private readonly WideningHistogram _magnitudes = new(Bins);
    private readonly bool[] _alive;
    private readonly float _scale;
    private readonly int _low;
    private readonly int _high;
    private readonly double _biasSquares;
    private double _held;
    private double _clipped;
    private double _rounded;
    private long _pixels;

    /// <summary>Begins with a node that has a scale.</summary>
    /// <param name="network">The annotated network.</param>
    /// <param name="node">One of its nodes with an int8 output.</param>
    public LayerError(Network network, Node node)
    {
        Node = node;
        _scale = node.Output.Quant!.Scale;
        _alive = new bool[node.Output.Shape.C];
        (_low, _high) = node.Op is Conv2d conv ? (Int8Arithmetic.Low(conv.Activation), Int8Arithmetic.High(conv.Activation, _scale)) : (Int8Arithmetic.Min, Int8Arithmetic.Max);
        double[] bias = BiasErrors(network, node);
        _biasSquares = bias.Sum(error => error * error);
        LargestBiasError = bias.Length == 0 ? 0 : bias.Max(Math.Abs) / _scale;
    }

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>The output against the true one.</summary>
    public SignalError Total { get; } = new();

    /// <summary>The largest magnitude of the true output.</summary>
    public float Largest { get; private set; }

    /// <summary>The root of the true output's mean square; NaN before the first value.</summary>
    public double RootMeanSquare => Math.Sqrt(Total.Signal / ((double)_pixels * Channels));

    /// <summary>How wrong the worst channel's bias is after rounding, in steps of the output.</summary>
    public double LargestBiasError { get; }

    /// <summary>The share of the error's energy that comes from values beyond the ends of int8, 0..1; the four shares add up to 1, or are 0 without an error.</summary>
    public double ClipShare => Share(_clipped);

    /// <summary>The share that comes from rounding the output.</summary>
    public double RoundingShare => Share(_rounded);

    /// <summary>The share that comes from rounding the biases.</summary>
    public double BiasShare => Share(BiasEnergy);

    /// <summary>The share that comes from rounding or clipping the weights.</summary>
    public double WeightShare => Share(_held - BiasEnergy);

    /// <summary>The number of output channels.</summary>
    public int Channels => _alive.Length;

    /// <summary>The channels whose every true value rounds to 0.</summary>
    public int DeadChannels => _alive.Count(alive => !alive);

    // Behind a ReLU less of it arrives, so never more than what the parameters did.
    private double BiasEnergy => Math.Min(_held, _biasSquares * _pixels);

    /// <summary>Takes the output of a batch and writes the quantized one over it.</summary>
    /// <param name="expected">The true output in real units, the channels of a pixel side by side.</param>
    /// <param name="held">As many values, made with the parameters that are held; gets what int8 makes of them, in real units.</param>
    /// <exception cref="WorkException">A true value is NaN or infinite.</exception>
    public void Take(ReadOnlySpan<float> expected, Span<float> held)
    {
        float largest = LargestOf(expected);
        Largest = MathF.Max(Largest, largest);
        _magnitudes.Add(expected, largest);
        for (int start = 0; start < expected.Length; start += BlockLength)
        {
            int length = Math.Min(BlockLength, expected.Length - start);
            Quantize(expected.Slice(start, length), held.Slice(start, length));
        }

        Total.Take(expected, held);
        _pixels += expected.Length / Channels;
        FindAlive(expected);
    }

    /// <summary>The largest magnitude of true values.</summary>
    /// <exception cref="WorkException">One is NaN or infinite.</exception>
    public float LargestOf(ReadOnlySpan<float> expected)
    {
        (float min, float max) = Extremes.Of(expected);
        float largest = MathF.Max(-min, max);
        return float.IsFinite(largest)
            ? largest
            : throw new WorkException($"The float network's output of node {Node.Name} is NaN or infinite on these images, so there is nothing to compare with. Train in float again with a smaller float_trainer.optimizer.lr.");
    }

    /// <summary>The error energy that another scale would leave, as a share of what the present one leaves; both estimated from the magnitudes seen.</summary>
    /// <param name="scale">The other scale.</param>
    public double RelativeError(float scale) => _magnitudes.SquaredError(scale) / _magnitudes.SquaredError(_scale);

    /// <summary>The scale that leaves the least squared error of the magnitudes seen.</summary>
    public float BestScale()
    {
        float widest = Int8Arithmetic.ScaleFor(Largest);
        return Enumerable.Range(0, 99).Select(i => widest * (1 - (0.01f * i))).MinBy(scale => _magnitudes.SquaredError(scale));
    }

    /// <summary>Counts of magnitudes in bins of equal width from 0 on; zeros are not counted.</summary>
    /// <param name="bins">How many bins, at most 1024; they end at the larger of the largest magnitude and the range.</param>
    public long[] Histogram(int bins)
    {
        var counts = new long[bins];
        double end = Math.Max(Largest, 127.5 * _scale);
        ReadOnlySpan<long> fine = _magnitudes.Counts;
        for (int i = 0; i < fine.Length; i++)
        {
            counts[Math.Min(bins - 1, (int)((i + 0.5) * _magnitudes.Width / end * bins))] += fine[i];
        }

        return counts;
    }

    private static double[] BiasErrors(Network network, Node node)
    {
        if (node.Op is not Conv2d)
        {
            return [];
        }

        float input = QuantizedConvolution.ScaleOf(network.Graph.ValueOf(node.Inputs[0]));
        return [.. network.Parameters[Conv2d.BiasName(node.Name)].Zip(node.WeightQuant!.Scales, (bias, weight) => HeldParameters.Bias(bias, input, weight) - bias)];
    }

    private void Quantize(ReadOnlySpan<float> expected, Span<float> held)
    {
        float inverse = 1 / _scale; // a product with 1/s, because this measures and does not define the arithmetic
        Vector<float> low = new(_low), high = new(_high), half = new(0.5f), parameters = Vector<float>.Zero, clipped = parameters, rounded = parameters;
        int i = 0;
        for (; i <= held.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> y = new Vector<float>(expected[i..]) * inverse, u = new Vector<float>(held[i..]) * inverse;
            Vector<float> end = Vector.Min(Vector.Max(y, low), high), inside = Vector.Min(Vector.Max(u, low), high), q = Vector.Round(inside);
            Vector<float> beyond = end - y, parameter = inside - end, rounding = q - inside;
            Vector<float> isClipped = Vector.AsVectorSingle(Vector.GreaterThan(Vector.Abs(beyond), half)), squares = beyond * beyond;
            parameters += parameter * parameter;
            clipped += Vector.ConditionalSelect(isClipped, squares, Vector<float>.Zero);
            rounded += (rounding * rounding) + Vector.ConditionalSelect(isClipped, Vector<float>.Zero, squares);
            (q * _scale).CopyTo(held[i..]);
        }

        double step = (double)_scale * _scale;
        (_held, _clipped, _rounded) = (_held + (Vector.Sum(parameters) * step), _clipped + (Vector.Sum(clipped) * step), _rounded + (Vector.Sum(rounded) * step));
        for (; i < held.Length; i++)
        {
            float y = expected[i] * inverse, end = Math.Clamp(y, _low, _high), inside = Math.Clamp(held[i] * inverse, _low, _high), q = MathF.Round(inside);
            bool isClipped = MathF.Abs(end - y) > 0.5f;
            double beyond = (end - y) * (end - y) * step;
            _held += (inside - end) * (inside - end) * step;
            _clipped += isClipped ? beyond : 0;
            _rounded += ((q - inside) * (q - inside) * step) + (isClipped ? 0 : beyond);
            held[i] = q * _scale;
        }
    }

    /// <summary>Only channels that were silent so far are looked at, which soon are few.</summary>
    private void FindAlive(ReadOnlySpan<float> expected)
    {
        float least = _scale / 2;
        for (int channel = 0; channel < _alive.Length; channel++)
        {
            for (int i = channel; !_alive[channel] && i < expected.Length; i += _alive.Length)
            {
                _alive[channel] = MathF.Abs(expected[i]) >= least;
            }
        }
    }

    private double Share(double energy) => _held + _clipped + _rounded > 0 ? energy / (_held + _clipped + _rounded) : 0;
}
