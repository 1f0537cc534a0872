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
        Warmed("CosineAnnealingLrUpdater", keys => CosineSchedule.Read(keys, initial), "CosLrUpdater"),
        Warmed("OneCycleLrUpdater", keys => new OneCycleSchedule(initial, OneCycleOptions.Read(keys)), "OneCycleUpdater"));

    private static Recipe<ILearningRateSchedule> Warmed(string name, Func<IKeyReader, ILearningRateSchedule> read, params string[] aliases) => new(
        name,
        keys =>
        {
            // When HAT sets the rate; here each step has its own, and a step decay changes with the epoch.
            keys.Settled("update_by", "Tessera always decays by epochs here, and by steps in the other updaters.", name == "StepDecayLrUpdater" ? "epoch" : "step");
            keys.Idle("step_log_interval");
            ILearningRateSchedule schedule = read(keys);
            WarmUpOptions start = WarmUpOptions.Read(keys);
            return start.Steps + start.Epochs > 0 ? new WarmUpSchedule(schedule, start) : schedule;
        },
        aliases);
}
