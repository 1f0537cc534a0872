namespace Tessera.Quantization.Observers;

/// <summary>Keeps the whole range of each batch.</summary>
public sealed class MinMaxObserver(double averagingConstant) : Observer(averagingConstant)
{
    /// <inheritdoc/>
    private protected override (float Min, float Max) Range(ReadOnlySpan<float> values, float min, float max) => (min, max);
}
