using System.Collections.Immutable;
using Tessera.Quantization;
using Tessera.Quantization.Observers;

namespace Tessera.Cli.Configuration;

/// <summary>The <c>calibration_trainer</c> section.</summary>
/// <param name="NumImages">How many training images are observed; a smaller set is run through again.</param>
/// <param name="ActivationObserver">Observer of activations.</param>
/// <param name="WeightObserver">Observer of weights.</param>
/// <param name="AveragingConstant">Weight of a new batch in the running range, (0, 1].</param>
public sealed record CalibrationConfig(int NumImages, ObserverKind ActivationObserver, ObserverKind WeightObserver, double AveragingConstant)
{
    private const double LeastPercentile = 50;

    internal static readonly (string Name, WeightGranularity Value)[] Granularities = [("per_channel", WeightGranularity.PerChannel), ("per_tensor", WeightGranularity.PerTensor)];

    internal static readonly (string Name, ConvolutionKind Value)[] Ops =
        [("conv2d", ConvolutionKind.Any), ("depthwise", ConvolutionKind.Depthwise), ("pointwise", ConvolutionKind.Pointwise), ("dense", ConvolutionKind.Dense)];

    /// <summary>What shares a weight scale.</summary>
    public WeightGranularity WeightGranularity { get; init; }

    /// <summary>The share of values that the percentile observer keeps, in percent.</summary>
    public double Percentile { get; init; }

    /// <summary>Bins of its histogram.</summary>
    public int PercentileBins { get; init; }

    /// <summary>Calibrate although the images are unfit for it.</summary>
    public bool AllowInadequateSet { get; init; }

    /// <summary>Estimate the statistics of batch norms anew first.</summary>
    public bool ReestimateBatchNorm { get; init; }

    /// <summary>Make the channels of each activation alike in range first.</summary>
    public bool Equalize { get; init; }

    /// <summary>Round each weight to the side that keeps the convolution's result.</summary>
    public bool AdaptRounding { get; init; }

    /// <summary>Take from the biases what the rounding of weights adds on average.</summary>
    public bool CorrectBias { get; init; }

    /// <summary>Other choices for some nodes.</summary>
    public ImmutableArray<ObserverRule> Rules { get; init; } = [];

    /// <summary>Reads the section.</summary>
    internal static CalibrationConfig Read(ConfigSection section) => new(
        section.Int("num_images", 1000, 1),
        Observer(section, "activation_observer", ObserverKind.Mse),
        Observer(section, "weight_observer", ObserverKind.MinMax),
        section.Number("averaging_constant", 0.01, 1e-6, 1))
    {
        WeightGranularity = section.Choice<WeightGranularity>("weight_scales", WeightGranularity.PerChannel, Granularities),
        Percentile = section.Number("percentile", 99.99, LeastPercentile, 100),
        PercentileBins = section.Int("percentile_bins", 2048, 128, 65536),
        AllowInadequateSet = section.Choice<bool>("inadequate_set", false, ("fail", false), ("warn", true)),
        ReestimateBatchNorm = section.Flag("reestimate_batch_norm", false),
        Equalize = section.Flag("equalize", true),
        AdaptRounding = section.Flag("adaptive_rounding", false),
        CorrectBias = section.Flag("correct_bias", false),
        Rules = [.. section.Sections("rules").Select(ReadRule)],
    };

    private static ObserverRule ReadRule(ConfigSection section)
    {
        bool Has(string key) => section.Has(key);
        var rule = new ObserverRule
        {
            Nodes = section.Text("nodes", "*"),
            Op = section.Choice<ConvolutionKind>("op", ConvolutionKind.Any, Ops),
            ActivationObserver = Has("activation_observer") ? Observer(section, "activation_observer", null, isRule: true) : null,
            WeightObserver = Has("weight_observer") ? Observer(section, "weight_observer", null) : null,
            WeightGranularity = Has("weight_scales") ? section.Choice<WeightGranularity>("weight_scales", null, Granularities) : null,
            Percentile = Has("percentile") ? section.Number("percentile", null, LeastPercentile, 100) : null,
            Scale = Has("scale") ? (float)section.Positive("scale", null, 1e30) : null,
        };
        if (!Has("nodes") && !Has("op"))
        {
            section.Report("nodes", "and op are both missing; a rule must say which convolutions it is for.");
        }

        if ((rule.Scale is null) == (rule.ActivationObserver == ObserverKind.FixedScale))
        {
            section.Report("scale", rule.Scale is null ? "is missing; the observer fixed_scale needs it." : "is given without `activation_observer: fixed_scale`, which it is for.");
        }

        return rule;
    }

    private static ObserverKind Observer(ConfigSection section, string key, ObserverKind? fallback, bool isRule = false) => section.Choice(
        key, fallback, [.. ObserverTable.All.Where(entry => isRule || entry.Kind != ObserverKind.FixedScale).Select(entry => (entry.Name, entry.Kind))]);
}
