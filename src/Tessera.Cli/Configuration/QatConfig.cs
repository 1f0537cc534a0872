using Tessera.Training;

namespace Tessera.Cli.Configuration;

/// <summary>What the <c>qat_trainer</c> section says beyond a <c>float_trainer</c>.</summary>
/// <param name="ActivationScales">What becomes of the activations' scales.</param>
/// <param name="WeightScales">What becomes of the weights' scales.</param>
/// <param name="AveragingConstant">By how much scales follow an observer, [0, 1].</param>
/// <param name="ScaleRateFactor">The learning rate of learned scales, in rates of the parameters.</param>
/// <param name="Bias">What a bias is in training steps.</param>
public sealed record QatConfig(ScaleTraining ActivationScales, ScaleTraining WeightScales, double AveragingConstant, double ScaleRateFactor, BiasForm Bias)
{
    private static readonly (string Name, ScaleTraining Value)[] Scales = [("frozen", ScaleTraining.Frozen), ("observer", ScaleTraining.Observer), ("learned", ScaleTraining.Learned)];

    /// <summary>Reads the section.</summary>
    internal static QatConfig Read(ConfigSection section) => new(
        section.Choice<ScaleTraining>("activation_scales", ScaleTraining.Frozen, Scales),
        section.Choice<ScaleTraining>("weight_scales", ScaleTraining.Frozen, Scales),
        section.Number("averaging_constant", 0.01, 0, 1),
        section.Positive("scale_lr_mult", 1, 1e6),
        section.Choice<BiasForm>("bias", BiasForm.Int32, ("int32", BiasForm.Int32), ("float", BiasForm.Float)));
}
