using Tessera.Core;

namespace Tessera.Quantization.Observers;

/// <summary>
/// Watches the batches of one tensor and ends with its scale. It keeps a few numbers or one histogram, whatever the number of batches. What each
/// observer does, and how a configuration names it, is a line of <see cref="ObserverTable"/>.
/// </summary>
public abstract class Observer
{
    /// <summary>Number of batches seen.</summary>
    public int Batches { get; private set; }

    /// <summary>The scale for what was seen so far: <c>range / 127.5</c>, at least float32's epsilon.</summary>
    /// <exception cref="InvalidOperationException">No batch was seen.</exception>
    public float Scale => Batches > 0 ? FinalScale() : throw new InvalidOperationException("This observer has seen no batch.");

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

        Take(values, min, max);
        Batches++;
    }

    /// <summary>Takes the finite values of one batch.</summary>
    private protected abstract void Take(ReadOnlySpan<float> values, float min, float max);

    /// <summary>The scale after at least one batch.</summary>
    private protected abstract float FinalScale();

    /// <summary>The scale of a range that holds 0.</summary>
    private protected static float ScaleOf(double min, double max) => Int8Arithmetic.ScaleFor((float)Math.Max(0, Math.Max(-min, max)));
}
