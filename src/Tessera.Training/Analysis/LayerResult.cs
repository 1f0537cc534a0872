using System.Collections.Immutable;
using Tessera.Quantization.Analysis;

namespace Tessera.Training;

/// <summary>What quantizing one layer does.</summary>
/// <param name="Alone">The error of its output when it alone is quantized.</param>
/// <param name="Accumulated">The error of its output when the whole network is, so that it also holds what came from before.</param>
/// <param name="Metrics">The accuracy when it alone is quantized.</param>
/// <param name="Halves">The same for the images at even and at odd places.</param>
/// <param name="FlippedHalves">Pixels of the class maps that change their class when it alone is quantized, of the images at even and at odd places.</param>
public sealed record LayerResult(LayerError Alone, SignalError Accumulated, MetricTable Metrics, ImmutableArray<MetricTable> Halves, ImmutableArray<long> FlippedHalves)
{
    /// <summary>Pixels of the class maps that change their class when it alone is quantized.</summary>
    public long FlippedPixels => FlippedHalves.Sum();

    /// <summary>The node's name.</summary>
    public string Name => Alone.Node.Name;
}

/// <summary>What an analysis found.</summary>
/// <param name="Images">Images analysed.</param>
/// <param name="MapPixels">Pixels of their class maps.</param>
/// <param name="Float">The accuracy of the network in float.</param>
/// <param name="FloatHalves">The same for the images at even and at odd places.</param>
/// <param name="Quantized">Its accuracy when all of it is quantized.</param>
/// <param name="Flips">Which classes the pixels of the class maps then change, the most frequent change first.</param>
/// <param name="Layers">Every layer that rounds, in the network's order.</param>
public sealed record AnalysisResult(
    int Images, long MapPixels, MetricTable Float, ImmutableArray<MetricTable> FloatHalves, MetricTable Quantized, ImmutableArray<ClassFlip> Flips, ImmutableArray<LayerResult> Layers)
{
    /// <summary>Pixels of the class maps that change their class when all of it is quantized.</summary>
    public long FlippedPixels => Flips.Sum(flip => flip.Pixels);

    /// <summary>The mIoU that a layer loses alone, as a fraction; below 0 where it gains.</summary>
    public double Lost(LayerResult layer) => Float.MeanIoU - layer.Metrics.MeanIoU;

    /// <summary>The layers, the one that loses most first.</summary>
    public ImmutableArray<LayerResult> Ranked => [.. Layers.OrderByDescending(Lost).ThenByDescending(layer => layer.FlippedPixels)];

    /// <summary>
    /// Spearman's ρ between the losses on the images at even and at odd places: how far the ranking is that of the network and not that of the images at hand. NaN for fewer than two images.
    /// </summary>
    public double HalvesAgree => Agreement((layer, half) => FloatHalves[half].MeanIoU - layer.Halves[half].MeanIoU);

    /// <summary>The same for the flipped pixels.</summary>
    public double FlipsAgree => Agreement((layer, half) => layer.FlippedHalves[half]);

    private double Agreement(Func<LayerResult, int, double> measure) =>
        Images < 2 ? double.NaN : RankCorrelation.Spearman([.. Layers.Select(layer => measure(layer, 0))], [.. Layers.Select(layer => measure(layer, 1))]);
}
