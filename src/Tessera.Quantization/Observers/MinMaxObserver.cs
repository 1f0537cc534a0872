namespace Tessera.Quantization.Observers;

/// <summary>Keeps the whole range of each batch, smoothed (HAT's min_max).</summary>
public sealed class MinMaxObserver(double averagingConstant) : SmoothedObserver(averagingConstant)
{
    /// <inheritdoc/>
    private protected override (float Min, float Max) Range(ReadOnlySpan<float> values, float min, float max) => (min, max);
}
