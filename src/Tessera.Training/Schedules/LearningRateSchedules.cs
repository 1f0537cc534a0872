using Tessera.Recipes;

namespace Tessera.Training;

/// <summary>The schedules that a configuration can name as <c>lr_updater.type</c>: one line each. Each can start with a warm-up.</summary>
public static class LearningRateSchedules
{
    /// <summary>The table for an optimizer's rate.</summary>
    /// <param name="initial">The rate before any decay, above 0.</param>
    public static RecipeTable<ILearningRateSchedule> Table(double initial) => new(
        "learning-rate updater",
        Warmed("StepDecayLrUpdater", keys => StepDecaySchedule.Read(keys, initial)),
        Warmed("PolyLrUpdater", keys => PolySchedule.Read(keys, initial)),
        Warmed("CosineAnnealingLrUpdater", keys => CosineSchedule.Read(keys, initial), "CosLrUpdater"));

    private static Recipe<ILearningRateSchedule> Warmed(string name, Func<IKeyReader, ILearningRateSchedule> read, params string[] aliases) => new(
        name,
        keys =>
        {
            ILearningRateSchedule schedule = read(keys);
            return keys.Int("warmup_steps", 0, 0, 1_000_000) is > 0 and int steps ? new WarmUpSchedule(schedule, steps) : schedule;
        },
        aliases);
}
