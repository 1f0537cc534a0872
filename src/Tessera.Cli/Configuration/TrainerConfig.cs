using Tessera.Training;

namespace Tessera.Cli.Configuration;

/// <summary>A <c>float_trainer</c> or <c>qat_trainer</c> section.</summary>
/// <param name="NumEpochs">Passes over the training images.</param>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="Rate">The optimizer's <c>lr</c>, from which the schedule starts.</param>
/// <param name="Schedule">The learning rate by time.</param>
/// <param name="CheckpointMinutes">After how many minutes the last checkpoint is written within an epoch too; 0 for never.</param>
public sealed record TrainerConfig(int NumEpochs, OptimizerOptions Optimizer, double Rate, ILearningRateSchedule Schedule, double CheckpointMinutes)
{
    /// <summary>Reads the section.</summary>
    internal static TrainerConfig Read(ConfigSection section)
    {
        int epochs = section.Int("num_epochs", null, 1, 100_000);
        ConfigSection optimizer = section.Section("optimizer");
        OptimizerOptions options = optimizer.Typed(Optimizers.Table, "SGD");
        double rate = optimizer.Positive("lr", null, 1000);
        HatTrainer.Read(section);
        return new TrainerConfig(epochs, options, rate, section.Section("lr_updater").Typed(LearningRateSchedules.Table(rate), "StepDecayLrUpdater"), section.Number("checkpoint_minutes", 10, 0, 1e6));
    }
}
