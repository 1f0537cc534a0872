using Tessera.Core;

namespace Tessera.Quantization.Observers;

/// <summary>
/// Watches the batches of one tensor and ends with its scale. Every observer estimates a range per batch and smooths it:
/// the first batch sets it, later ones move it by <c>c·(new − old)</c> (HAT's averaging constant).
/// </summary>
/// <param name="averagingConstant">c, in (0, 1]; HAT's default is 0.01.</param>
public abstract class Observer(double averagingConstant)
{
    private double _min;
    private double _max;

    /// <summary>Number of batches seen.</summary>
    public int Batches { get; private set; }

    /// <summary>The scale for the range seen so far: <c>max(−min, max, 0) / 127.5</c>.</summary>
    /// <exception cref="InvalidOperationException">No batch was seen.</exception>
    public float Scale => Batches > 0
        ? Int8Arithmetic.ScaleFor((float)Math.Max(0, Math.Max(-_min, _max)))
        : throw new InvalidOperationException("This observer has seen no batch.");

    /// <summary>Takes the values of one batch.</summary>
    /// <exception cref="WorkException">A value is NaN or infinite.</exception>
    public void Observe(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        (float min, float max) = Extremes.Of(values);
        if (!float.IsFinite(min) || !float.IsFinite(max))
        {
            throw new WorkException("A value is NaN or infinite: the float network's numbers grow beyond float32 on these images. Train in float again with a smaller optimizer.lr.");
        }

        (min, max) = Range(values, min, max);
        _min = Batches == 0 ? min : _min + (averagingConstant * (min - _min));
        _max = Batches == 0 ? max : _max + (averagingConstant * (max - _max));
        Batches++;
    }

    /// <summary>The range to keep of one batch with the given extremes.</summary>
    private protected abstract (float Min, float Max) Range(ReadOnlySpan<float> values, float min, float max);
}
