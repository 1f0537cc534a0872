namespace Tessera.Quantization.Observers;

/// <summary>A scale that is given; what is observed must be finite, and changes nothing.</summary>
/// <param name="scale">The scale, greater than 0.</param>
public sealed class FixedScaleObserver(float scale) : Observer
{
    private protected override void Take(ReadOnlySpan<float> values, float min, float max)
    {
    }

    private protected override float FinalScale() => scale;
}
