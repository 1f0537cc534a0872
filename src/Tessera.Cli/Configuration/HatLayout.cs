using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Configuration;

/// <summary>
/// Moves what HAT's configurations have elsewhere than Tessera's to its place, in each file before it is merged: a trainer's model, data_loader, batch_processor and
/// callbacks, and the transforms of batch processors.
/// </summary>
internal static class HatLayout
{
    private const string LrUpdater = "lr_updater", Callbacks = "callbacks", Optimizer = "optimizer", BatchTransforms = "batch_transforms";

    // Of the two trainers that train. HAT gives each its own; here all stages have the same.
    private static readonly string[] Trainers = ["float_trainer", "qat_trainer"];
    private static readonly string[] Shared = ["model", "data_loader", "batch_processor"];
    private static readonly string[] Updaters = [.. LearningRateSchedules.Table(1).Names];

    /// <summary>A file's own keys, each in its place.</summary>
    /// <exception cref="UsageException">Two places say different things.</exception>
    public static ConfigMap Settle(ConfigMap own)
    {
        foreach (string name in Trainers)
        {
            own = own[name] is ConfigMap trainer ? SettleTrainer(own, name, trainer) : own;
        }

        own = MoveTransforms(own, "batch_processor", "data_loader");
        return MoveTransforms(own, "val_batch_processor", "val_data_loader");
    }

    /// <summary>The place of a key that HAT's configurations have within a trainer: <c>float_trainer.data_loader.batch_size</c> is <c>data_loader.batch_size</c>.</summary>
    public static string[] PlaceOf(string[] path) => path.Length > 1 && Trainers.Contains(path[0]) && Shared.Contains(path[1]) ? path[1..] : path;

    private static ConfigMap SettleTrainer(ConfigMap own, string name, ConfigMap trainer)
    {
        foreach (string key in Shared)
        {
            (own, trainer) = Move(own, key, trainer, key, name);
        }

        if (trainer[Callbacks] is ConfigList callbacks)
        {
            ImmutableArray<ConfigNode>.Builder rest = ImmutableArray.CreateBuilder<ConfigNode>();
            foreach (ConfigNode callback in callbacks.Items)
            {
                string? type = ((callback as ConfigMap)?[ConfigMerge.TypeKey] as ConfigScalar)?.Text;
                if (type is not null && Updaters.Contains(type))
                {
                    trainer = Put(trainer, LrUpdater, callback, $"{name}.{Callbacks}", $"{name}.{LrUpdater}");
                    continue;
                }

                ConfigNode left = callback;
                if (type == "Validation")
                {
                    (own, ConfigMap validation) = Move(own, "val_data_loader", (ConfigMap)callback, "data_loader", $"{name}.{Callbacks}");
                    (own, left) = Move(own, "val_batch_processor", validation, "batch_processor", $"{name}.{Callbacks}");
                }

                rest.Add(left);
            }

            trainer = trainer.With(new ConfigEntry(Callbacks, callbacks with { Items = rest.ToImmutable() }, callbacks.Source));
        }

        // HAT: with groups, what no group names does not decay unless weight_decay says so; that of a base file would speak of the weights.
        if (trainer[Optimizer] is ConfigMap optimizer && optimizer["params"] is ConfigMap groups && optimizer["weight_decay"] is null)
        {
            optimizer = optimizer.With(new ConfigEntry("weight_decay", new ConfigScalar("0", Quoted: false, groups.Source), groups.Source));
            trainer = trainer.With(new ConfigEntry(Optimizer, optimizer, optimizer.Source));
        }

        return own.With(new ConfigEntry(name, trainer, trainer.Source));
    }

    private static ConfigMap MoveTransforms(ConfigMap own, string processor, string loader)
    {
        if (own[processor] is not ConfigMap from || from[BatchTransforms] is not { } transforms)
        {
            return own;
        }

        ConfigMap to = own[loader] as ConfigMap ?? new ConfigMap([], from.Source);
        to = Put(to, "transforms", transforms, $"{processor}.{BatchTransforms}", $"{loader}.transforms");
        return own.With(new ConfigEntry(loader, to, to.Source)).With(new ConfigEntry(processor, from.Without(BatchTransforms), from.Source));
    }

    private static (ConfigMap To, ConfigMap From) Move(ConfigMap to, string toKey, ConfigMap from, string fromKey, string place) =>
        from[fromKey] is { } value ? (Put(to, toKey, value, $"{place}.{fromKey}", toKey), from.Without(fromKey)) : (to, from);

    private static ConfigMap Put(ConfigMap map, string key, ConfigNode value, string from, string to) =>
        map[key] is not { } there ? map.With(new ConfigEntry(key, value, value.Source))
        : PlainValue.Of(there) == PlainValue.Of(value) ? map
        : throw new UsageException($"{value.Source}: {from} and {to} (line {there.Source.Line}) are the same thing in Tessera and say different things. Keep one of them.");
}
