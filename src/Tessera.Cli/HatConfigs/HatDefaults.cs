using Tessera.Cli.Configuration;

namespace Tessera.Cli.HatConfigs;

/// <summary>What HAT and PyTorch do where a trainer says nothing, written out: it is not what Tessera does then.</summary>
internal static class HatDefaults
{
    /// <summary>The trainer with momentum, decay and schedule said.</summary>
    public static ConfigMap Of(ConfigMap trainer)
    {
        if (trainer["optimizer"] is ConfigMap optimizer)
        {
            trainer = With(trainer, "optimizer", Optimizer(optimizer));
        }

        // Without an updater the rate stays what it is.
        bool hasUpdater = (trainer["callbacks"] as ConfigList)?.Items.OfType<ConfigMap>().Any(item => item[ConfigMerge.TypeKey] is ConfigScalar type && type.Text.EndsWith("LrUpdater", StringComparison.Ordinal)) == true;
        return hasUpdater ? trainer
            : With(trainer, "lr_updater", new ConfigMap([Entry(trainer, ConfigMerge.TypeKey, new ConfigScalar("StepDecayLrUpdater", false, trainer.Source)), Entry(trainer, "lr_decay_id", new ConfigList([], trainer.Source))], trainer.Source));
    }

    private static ConfigMap Optimizer(ConfigMap optimizer)
    {
        ConfigNode zero = new ConfigScalar("0", false, optimizer.Source), decay = optimizer["weight_decay"] ?? zero;
        bool isSgd = optimizer[ConfigMerge.TypeKey] is not ConfigScalar type || PlainValue.LastPart(type.Text) == "SGD";
        optimizer = isSgd && optimizer["momentum"] is null ? With(optimizer, "momentum", zero) : optimizer;
        if (optimizer["params"] is not null)
        {
            return optimizer; // what no group names then decays by weight_decay, or not at all, as in HAT
        }

        // PyTorch's weight_decay is that of every parameter.
        var groups = new ConfigMap([Entry(optimizer, "weight", new ConfigMap([Entry(optimizer, "weight_decay", decay)], decay.Source))], decay.Source);
        return With(With(optimizer, "params", groups), "weight_decay", decay);
    }

    private static ConfigMap With(ConfigMap map, string key, ConfigNode value) => map.With(Entry(map, key, value));

    private static ConfigEntry Entry(ConfigMap map, string key, ConfigNode value) => new(key, value, map.Source);
}
