using Tessera.Cli.Pipeline;
using Tessera.Training;

namespace Tessera.Cli.Tests.Wires;

/// <summary>The keys of the schedules beside the tutorial's: they make the library's schedule of that setting.</summary>
internal static class ScheduleWires
{
    public static IEnumerable<KeyWire> Of(string section, TrainingStage stage)
    {
        double lr = stage == TrainingStage.Float ? 0.01 : 2e-4;
        return
        [
            Wire("PolyLrUpdater", "power", "2", new PolySchedule(lr), new PolySchedule(lr, 2)),
            Wire("CosineAnnealingLrUpdater", "min_lr", "1.0e-4", new CosineSchedule(lr), new CosineSchedule(lr, 1e-4)),
            Wire("OneCycleLrUpdater", "pct_start", "0.5", new OneCycleSchedule(lr, new()), new OneCycleSchedule(lr, new() { RisingShare = 0.5 })),
            Wire("OneCycleLrUpdater", "div_factor", "5", new OneCycleSchedule(lr, new()), new OneCycleSchedule(lr, new() { DivFactor = 5 })),
            Wire("OneCycleLrUpdater", "final_div_factor", "50", new OneCycleSchedule(lr, new()), new OneCycleSchedule(lr, new() { FinalDivFactor = 50 })),
            Wire("OneCycleLrUpdater", "anneal_strategy", "linear", new OneCycleSchedule(lr, new()), new OneCycleSchedule(lr, new() { IsLinear = true })),
            Wire("PolyLrUpdater", "warmup_epochs", "2", new PolySchedule(lr), new WarmUpSchedule(new PolySchedule(lr), new WarmUpOptions { Epochs = 2 })),
            Wire("PolyLrUpdater", "warmup_mode", "constant", new WarmUpSchedule(new PolySchedule(lr), new WarmUpOptions { Steps = 6, BeginRate = 1e-5 }), new WarmUpSchedule(new PolySchedule(lr), new WarmUpOptions { Steps = 6, BeginRate = 1e-5, IsConstant = true }), ", warmup_steps: 6, warmup_begin_lr: 1.0e-5"),
            Wire("PolyLrUpdater", "warmup_begin_lr", "1.0e-5", new WarmUpSchedule(new PolySchedule(lr), 6), new WarmUpSchedule(new PolySchedule(lr), new WarmUpOptions { Steps = 6, BeginRate = 1e-5 }), ", warmup_steps: 6"),
            Wire("PolyLrUpdater", "warmup_steps", "6", new PolySchedule(lr), new WarmUpSchedule(new PolySchedule(lr), 6)),
        ];

        KeyWire Wire(string type, string key, string value, ILearningRateSchedule before, ILearningRateSchedule after, string beside = "") => new(
            $"{section}.lr_updater.{key}",
            [$"{section}.lr_updater={{type: {type}{beside}, {key}: {value}}}"],
            config => Rates(LibraryOptions.Trainer(config, stage, null, new RunInfo(), resume: false).Schedule),
            Rates(before),
            Rates(after)) { Before = [$"{section}.lr_updater={{type: {type}{beside}}}"] };
    }

    private static string Rates(ILearningRateSchedule schedule) => string.Join(' ', Enumerable.Range(0, 12).Select(step => schedule.RateAt(new TrainingMoment(step / 3, step, 4, 3))));
}
