using System.Collections.Immutable;

namespace Tessera.Cli.Configuration;

/// <summary>A <c>float_trainer</c> or <c>qat_trainer</c> section.</summary>
/// <param name="NumEpochs">Passes over the training images.</param>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="Schedule">The learning rate by epoch.</param>
public sealed record TrainerConfig(int NumEpochs, SgdConfig Optimizer, StepDecayConfig Schedule)
{
    private static readonly TypeTable<SgdConfig> Optimizers = new("optimizer", new TypeTable<SgdConfig>.Entry("SGD", SgdConfig.Read));

    private static readonly TypeTable<StepDecayConfig> Schedules =
        new("learning-rate updater", new TypeTable<StepDecayConfig>.Entry("StepDecayLrUpdater", StepDecayConfig.Read));

    /// <summary>Reads the section.</summary>
    internal static TrainerConfig Read(ConfigSection section) => new(
        section.Int("num_epochs", null, 1, 100_000),
        section.Section("optimizer").Typed(Optimizers, "SGD"),
        section.Section("lr_updater").Typed(Schedules, "StepDecayLrUpdater"));
}

/// <summary>Stochastic gradient descent with momentum.</summary>
/// <param name="Lr">Learning rate before any decay.</param>
/// <param name="Momentum">Momentum.</param>
/// <param name="WeightDecay">Decay of the parameters whose name ends in <c>weight</c> (convolution weights and batch-norm scales); biases have none.</param>
public sealed record SgdConfig(double Lr, double Momentum, double WeightDecay)
{
    /// <summary>Reads the optimizer's keys.</summary>
    internal static SgdConfig Read(ConfigSection section) => new(
        section.Positive("lr", null, 1000),
        section.Number("momentum", 0.9, 0, 0.9999),
        section.Number("weight_decay", 5e-3, 0, 1));
}

/// <summary>The learning rate is multiplied by a factor at some epochs.</summary>
/// <param name="Milestones">0-based epochs at whose beginning the rate drops, ascending.</param>
/// <param name="Factor">What it is multiplied by.</param>
public sealed record StepDecayConfig(ImmutableArray<int> Milestones, double Factor)
{
    /// <summary>Reads the updater's keys.</summary>
    internal static StepDecayConfig Read(ConfigSection section)
    {
        ImmutableArray<int> milestones = section.Ints("lr_decay_id", [], null, 1, 100_000);
        if (!milestones.SequenceEqual(milestones.Distinct().Order()))
        {
            section.Report("lr_decay_id", $"is [{string.Join(", ", milestones)}]; the epochs must ascend.");
        }

        return new StepDecayConfig(milestones, section.Number("lr_decay_factor", 0.1, 1e-6, 1));
    }
}
