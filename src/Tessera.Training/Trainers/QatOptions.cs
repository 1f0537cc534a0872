using Tessera.Core;
using Tessera.Quantization;

namespace Tessera.Training;

/// <summary>What becomes of calibration's scales while QAT trains.</summary>
public enum ScaleTraining
{
    /// <summary>They stay as calibration found them (HAT's configuration: averaging constant 0).</summary>
    Frozen,

    /// <summary>They follow the range of what they quantize: after each step by <c>c·(new − old)</c>, as HAT's min_max observers do.</summary>
    Observer,

    /// <summary>They are learned by gradient descent (LSQ, Esser et al., ICLR 2020).</summary>
    Learned,
}

/// <summary>What a bias is in QAT's training steps. Validation and everything behind it take the int32 in any case.</summary>
public enum BiasForm
{
    /// <summary>Rounded to the int32 that is deployed: the step sees the deployed arithmetic.</summary>
    Int32,

    /// <summary>The real number, added to the accumulator unrounded, as HAT does.</summary>
    Float,
}

/// <summary>Settings of QAT beyond those of every training; the defaults are those of HAT's configuration, with the exact bias.</summary>
public sealed record QatOptions
{
    /// <summary>What becomes of the activations' scales.</summary>
    public ScaleTraining ActivationScales { get; init; }

    /// <summary>What becomes of the weights' scales.</summary>
    public ScaleTraining WeightScales { get; init; }

    /// <summary>c of <see cref="ScaleTraining.Observer"/>, in [0, 1]; 0 freezes the scales.</summary>
    public double AveragingConstant { get; init; } = 0.01;

    /// <summary>By how much the learning rate of <see cref="ScaleTraining.Learned"/> scales differs from that of the parameters; greater than 0.</summary>
    public double ScaleRateFactor { get; init; } = 1;

    /// <summary>What a bias is in training steps.</summary>
    public BiasForm Bias { get; init; }

    /// <summary>How the network was calibrated: scales that a rule fixed stay, and weights that share a scale go on sharing it.</summary>
    public CalibrationOptions Calibration { get; init; } = new();

    /// <summary>Whether any scale may move.</summary>
    internal bool MovesScales => Moves(ActivationScales) || Moves(WeightScales);

    /// <summary>Passes when the numbers lie in their ranges.</summary>
    /// <exception cref="UsageException">One does not.</exception>
    internal void Require()
    {
        if (!(AveragingConstant is >= 0 and <= 1))
        {
            throw new UsageException($"The averaging constant of QAT is {AveragingConstant}; it must lie in [0, 1].");
        }

        if (!(ScaleRateFactor > 0 && double.IsFinite(ScaleRateFactor)))
        {
            throw new UsageException($"The factor of the scales' learning rate is {ScaleRateFactor}; it must be greater than 0.");
        }
    }

    /// <summary>The same with <see cref="ScaleTraining.Frozen"/> for what follows by 0.</summary>
    internal QatOptions Simplified() => this with
    {
        ActivationScales = Moves(ActivationScales) ? ActivationScales : ScaleTraining.Frozen,
        WeightScales = Moves(WeightScales) ? WeightScales : ScaleTraining.Frozen,
    };

    private bool Moves(ScaleTraining scales) => scales == ScaleTraining.Learned || (scales == ScaleTraining.Observer && AveragingConstant > 0);
}
