using System.Collections.Immutable;
using System.Globalization;
using Tessera.Cli.Configuration;
using Tessera.Graphs;
using Tessera.Quantization;
using Tessera.Quantization.Analysis;
using Tessera.Training;

namespace Tessera.Cli.Analysis;

/// <summary>A layer with its loss and its verdict.</summary>
/// <param name="Result">What was measured.</param>
/// <param name="Lost">The mIoU that it loses alone, as a fraction.</param>
/// <param name="Flipped">The share of the class maps' pixels that it changes alone.</param>
/// <param name="Diagnosis">The verdict.</param>
internal sealed record JudgedLayer(LayerResult Result, double Lost, double Flipped, LayerDiagnosis Diagnosis)
{
    // Below both a layer costs nothing that a choice could be built on.
    private const double LeastLoss = 0.0005;
    private const double LeastFlips = 0.005;

    /// <summary>The verdict in a word, as the documentation has it.</summary>
    public string Verdict => Diagnosis.Verdict.ToString().ToLowerInvariant();

    /// <summary>Judges all layers, the one that loses most first.</summary>
    public static ImmutableArray<JudgedLayer> Of(AnalysisResult result, Network annotated) =>
    [
        .. result.Ranked.Select(layer =>
        {
            double lost = result.Lost(layer), flipped = (double)layer.FlippedPixels / result.MapPixels;
            return new JudgedLayer(layer, lost, flipped, LayerDiagnosis.Of(layer.Alone, annotated, lost >= LeastLoss || flipped >= LeastFlips));
        }),
    ];

    /// <summary>The option that mends it, beside the rules that the configuration has; null where none is known.</summary>
    public string? Option(IEnumerable<ObserverRule> existing) => Diagnosis.Rule is { } rule ? ObserverRuleText.Option([.. existing, rule]) : null;

    /// <summary>What to do, in a sentence or two; null where there is nothing to do.</summary>
    public string? Advice(IEnumerable<ObserverRule> existing) => Option(existing) is { } option
        ? string.Create(CultureInfo.InvariantCulture, $"calibrate with {option}, which leaves {Diagnosis.Gain:0 %} of the {(Diagnosis.Verdict == LayerVerdict.Weights ? "weights'" : "output's")} squared error.")
        : Diagnosis.Verdict switch
        {
            LayerVerdict.Nothing => null,
            LayerVerdict.Dead => $"{Result.Alone.DeadChannels} of {Result.Alone.Channels} channels are always 0. They cost time, not accuracy: a smaller network may do as well.",
            LayerVerdict.Bias => string.Create(CultureInfo.InvariantCulture, $"the worst bias is wrong by {Result.Alone.LargestBiasError:0.0} steps of the output. Calibrate again: calibration keeps a step of the accumulator below 1/8 of one, unless a fixed_scale forbids it."),
            LayerVerdict.Rounds when !Diagnosis.SharedWith.IsEmpty => $"it shares its scale with {string.Join(", ", Diagnosis.SharedWith)}, so its range is theirs. Stage qat trains around it.",
            _ => "no other observer would leave clearly less of the error. Stage qat trains around it.",
        };
}
