using Tessera.Core;
using Tessera.Quantization;

namespace Tessera.Cli.Configuration;

/// <summary>The <c>calibration_trainer</c> section.</summary>
/// <param name="NumImages">How many training images are observed, at most as many as there are.</param>
/// <param name="ActivationObserver">Observer of activations.</param>
/// <param name="WeightObserver">Observer of weights.</param>
/// <param name="AveragingConstant">Weight of a new batch in the running range, (0, 1].</param>
public sealed record CalibrationConfig(int NumImages, ObserverKind ActivationObserver, ObserverKind WeightObserver, double AveragingConstant)
{
    /// <summary>Reads the section.</summary>
    internal static CalibrationConfig Read(ConfigSection section) => new(
        section.Int("num_images", 1000, 1),
        Observer(section, "activation_observer", ObserverKind.Mse),
        Observer(section, "weight_observer", ObserverKind.MinMax),
        section.Number("averaging_constant", 0.01, 1e-6, 1));

    private static ObserverKind Observer(ConfigSection section, string key, ObserverKind fallback) =>
        section.Choice<ObserverKind>(key, fallback, ("min_max", ObserverKind.MinMax), ("mse", ObserverKind.Mse));
}

/// <summary>The <c>compile_cfg</c> section.</summary>
/// <param name="March">What the model is compiled for.</param>
/// <param name="Opt">How much the scheduler may change, 0 to 2.</param>
public sealed record CompileConfig(string March, int Opt)
{
    /// <summary>Reads the section.</summary>
    internal static CompileConfig Read(ConfigSection section)
    {
        int problems = section.ProblemCount;
        string march = section.Text("march", "cpu");
        if (section.ProblemCount == problems)
        {
            try
            {
                _ = MarchName.Find(march);
            }
            catch (UsageException fault)
            {
                section.Report("march", $"is {march}. {fault.Message}");
            }
        }

        return new CompileConfig(march, section.Int("opt", 2, 0, 2));
    }
}
