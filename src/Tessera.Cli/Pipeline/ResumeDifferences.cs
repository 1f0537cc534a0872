using Tessera.Cli.Configuration;
using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>What decides a training and is different now than it was when its last checkpoint was written.</summary>
internal static class ResumeDifferences
{
    /// <summary>Keys that a resumed training may change: names and places, threads, what only validation or another stage reads.</summary>
    private static readonly string[] Free =
    [
        "task_name", "ckpt_dir", "classes", // the names of the classes are compared, not the file's path
        "data_loader.num_workers", "data_loader.dataset", "val_data_loader.num_workers", "val_data_loader.dataset", // the data's content is compared, not its path
        "val_data_loader.batch_size", "val_data_loader.shuffle", "val_metric", "compile_cfg",
    ];

    private const string Calibration = "calibration_trainer";

    /// <summary>What QAT reads of the stage before where its scales move: which of them stay fixed, and which weights share one.</summary>
    private static readonly string[] ReadByMovingScales = [$"{Calibration}.rules", $"{Calibration}.weight_scales"];

    /// <summary>The keys that differ, each with both values.</summary>
    /// <param name="config">The configuration of now.</param>
    /// <param name="data">The data of now, as <see cref="RunInfo.Data"/>.</param>
    /// <param name="stage">Float or QAT.</param>
    /// <param name="before">The run that wrote the checkpoint.</param>
    /// <param name="path">The checkpoint's file, for messages.</param>
    /// <exception cref="BadFileException">The checkpoint's configuration cannot be read.</exception>
    public static IEnumerable<string> Of(TesseraConfig config, IReadOnlyDictionary<string, string> data, TrainingStage stage, RunInfo before, string path)
    {
        string own = TrainingStages.NameOf(stage), other = TrainingStages.NameOf(stage == TrainingStage.Float ? TrainingStage.Qat : TrainingStage.Float);
        string[] free = [.. Free, $"{own}_trainer.num_epochs", $"{own}_trainer.checkpoint_minutes", $"{other}_trainer"];
        bool movesScales = stage == TrainingStage.Qat && config.Qat is not { ActivationScales: ScaleTraining.Frozen, WeightScales: ScaleTraining.Frozen };
        bool IsFree(string key) => Starts(key, Calibration) ? !(movesScales && ReadByMovingScales.Any(prefix => Starts(key, prefix))) : free.Any(prefix => Starts(key, prefix));
        Dictionary<string, string> now = Leaves(config.ResolvedYaml, path);
        foreach ((string key, string then) in Leaves(before.Config, path))
        {
            // A key that one of both does not know is that of another version, which then had its default.
            if (now.TryGetValue(key, out string? value) && !Equal(then, value) && !IsFree(key))
            {
                yield return $"{key}: {then} there, {value} now";
            }
        }

        foreach ((string use, string key) in new[] { ("train", "data_loader"), ("val", "val_data_loader") })
        {
            if (before.Data.TryGetValue(use, out string? then) && data.TryGetValue(use, out string? value) && then != value)
            {
                yield return $"the content of {key}.dataset.data_path: {Short(then)} there, {Short(value)} now";
            }
        }

        if (ClassAgreement.Difference(config, "the checkpoint", before.Classes) is { } classes)
        {
            yield return $"classes: {classes}";
        }

        static bool Starts(string key, string prefix) => key == prefix || key.StartsWith($"{prefix}.", StringComparison.Ordinal);

        static string Short(string identity) => identity.Length == 64 ? $"SHA-256 {identity[..12]}…" : identity;
    }

    /// <summary>The plain values of a configuration by dotted key. An item of a list of maps has its type for a name, and the list the types in their order.</summary>
    private static Dictionary<string, string> Leaves(string yaml, string path)
    {
        var leaves = new Dictionary<string, string>();
        try
        {
            Add(leaves, "", ConfigYaml.Parse(yaml, line => new ConfigSource($"the configuration in {path}", line)));
        }
        catch (UsageException fault)
        {
            throw new BadFileException($"{path} is not a whole checkpoint: {fault.Message} Take another copy or train again.", fault);
        }

        return leaves;
    }

    private static void Add(Dictionary<string, string> leaves, string path, ConfigNode node)
    {
        switch (node)
        {
            case ConfigMap map:
                foreach (ConfigEntry entry in map.Entries)
                {
                    Add(leaves, path.Length == 0 ? entry.Key : $"{path}.{entry.Key}", entry.Value);
                }

                break;
            case ConfigList list when list.Items.Any(item => item is ConfigMap):
                leaves[path] = $"[{string.Join(", ", list.Items.Select(TypeOf))}]";
                foreach (ConfigNode item in list.Items)
                {
                    Add(leaves, $"{path}.{TypeOf(item)}", item);
                }

                break;
            default:
                leaves[path] = Text(node);
                break;
        }
    }

    private static string TypeOf(ConfigNode item) => item is ConfigMap map && map[ConfigMerge.TypeKey] is ConfigScalar type ? type.Text : "item";

    private static string Text(ConfigNode node) => node switch
    {
        ConfigScalar scalar => PlainValue.Number(scalar) ?? scalar.Text,
        ConfigList list => $"[{string.Join(", ", list.Items.Select(Text))}]",
        _ => "",
    };

    private static bool Equal(string a, string b) => string.Equals(a, b, StringComparison.Ordinal);
}
