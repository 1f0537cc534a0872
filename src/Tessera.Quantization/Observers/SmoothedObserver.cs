namespace Tessera.Quantization.Observers;

/// <summary>
/// Estimates a range for each batch and smooths it: the first batch sets it, later ones move it by <c>c·(new − old)</c> (HAT's averaging constant).
/// </summary>
/// <param name="averagingConstant">c, in (0, 1]; HAT's default is 0.01.</param>
public abstract class SmoothedObserver(double averagingConstant) : Observer
{
    private double _min;
    private double _max;

    /// <summary>The range to keep of one batch with the given extremes.</summary>
    private protected abstract (float Min, float Max) Range(ReadOnlySpan<float> values, float min, float max);

    private protected sealed override void Take(ReadOnlySpan<float> values, float min, float max)
    {
        (min, max) = Range(values, min, max);
        _min = Batches == 0 ? min : _min + (averagingConstant * (min - _min));
        _max = Batches == 0 ? max : _max + (averagingConstant * (max - _max));
    }

    private protected sealed override float FinalScale() => ScaleOf(_min, _max);
}
