namespace Tessera.Quantization.Observers;

/// <summary>The mean of the batches' ranges, each batch alike (the cumulative moving average): their order and number do not matter, as they do where the first sets the range.</summary>
public sealed class MovingAverageObserver : Observer
{
    private double _min;
    private double _max;

    private protected override void Take(ReadOnlySpan<float> values, float min, float max)
    {
        _min += (min - _min) / (Batches + 1);
        _max += (max - _max) / (Batches + 1);
    }

    private protected override float FinalScale() => ScaleOf(_min, _max);
}
