using System.Globalization;
using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Analysis;

/// <summary>What is analysed.</summary>
/// <param name="Stage">Calibration or qat.</param>
/// <param name="Checkpoint">The checkpoint; null for the stage's best one.</param>
/// <param name="Size">The size at which predictions and labels are compared.</param>
/// <param name="Images">The most images.</param>
/// <param name="Seconds">About how long it may take.</param>
/// <param name="TrustData">Use a pack with other classes.</param>
internal sealed record AnalyzeOptions(TrainingStage Stage, string? Checkpoint, EvalSize Size, int Images, double Seconds, bool TrustData)
{
    /// <summary>Passes when the numbers are possible.</summary>
    /// <exception cref="UsageException">They are not.</exception>
    public void Require()
    {
        if (Images < 1)
        {
            throw new UsageException($"--images is {Images}; an analysis needs at least 1 image.");
        }

        if (!(Seconds > 0 && Seconds <= 1e6))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--seconds is {Seconds}; it must be above 0 and at most 1000000."));
        }
    }
}
