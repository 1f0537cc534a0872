namespace Tessera.Quantization.Observers;

/// <summary>Keeps everything that was ever seen: no observed value is clipped, and one outlier sets the scale.</summary>
public sealed class WidestObserver : Observer
{
    private double _min;
    private double _max;

    private protected override void Take(ReadOnlySpan<float> values, float min, float max) => (_min, _max) = (Math.Min(_min, min), Math.Max(_max, max));

    private protected override float FinalScale() => ScaleOf(_min, _max);
}
