using System.Collections.Immutable;
using Tessera.Cli.Configuration;

namespace Tessera.Cli.HatConfigs;

/// <summary>Finds in a HAT file's variables what a configuration needs, and brings it to one place.</summary>
/// <param name="variables">The file's variables.</param>
/// <param name="values">Makes values of them.</param>
/// <param name="faults">Gets remarks.</param>
internal sealed class HatTraining(IReadOnlyDictionary<string, PythonValue> variables, HatValues values, PythonFaults faults)
{
    private const string Float = "float_trainer", Qat = "qat_trainer", Calibration = "calibration_trainer", Validation = "val_data_loader";

    private static readonly string[] Shared = ["model", "data_loader", "batch_processor"];
    private static readonly string[] TensorBoards = ["TensorBoard", "tb_callback", "tb_loss_callback"];
    private static readonly string[] Plain = ["task_name", "ckpt_dir", "seed"];

    /// <summary>The configuration that the file describes, with HAT's keys in HAT's places.</summary>
    /// <exception cref="Core.UsageException">There is no training in it.</exception>
    public ConfigMap Collect()
    {
        PythonMap trainer = Variable(Float) ?? new PythonMap([], new PythonPlace(1, 1));
        var own = new ConfigMap([], values.Source(trainer.Place));
        foreach (string name in Plain)
        {
            if (variables.GetValueOrDefault(name) is PythonText or PythonNumber)
            {
                own = Put(own, name, variables[name]);
            }
        }

        foreach (string name in Shared)
        {
            if ((trainer.Entries.GetValueOrDefault(name) as PythonMap ?? Variable(name)) is { } part)
            {
                own = Put(own, name, part);
            }
        }

        if (own["model"] is null || own["data_loader"] is null)
        {
            throw faults.At(trainer.Place, $"the file defines no training: a dict {Float} with model and data_loader, or variables of these names.");
        }

        own = AddTrainer(own, Float);
        own = AddTrainer(own, Qat);
        own = AddCalibration(own);
        own = AddCompilation(AddValidation(own));
        RemarkRest();
        return own;
    }

    /// <summary>Takes the input's size from the transform that resizes to it.</summary>
    public static ConfigMap WithInputSize(ConfigMap own)
    {
        ConfigMap? resize = ((own["data_loader"] as ConfigMap)?["transforms"] as ConfigList)?.Items.OfType<ConfigMap>().FirstOrDefault(item => item[ConfigMerge.TypeKey] is ConfigScalar { Text: "SegResize" });
        return resize?["size"] is { } size ? own.With(new ConfigEntry("input_size", size, size.Source)) : own;
    }

    private PythonMap? Variable(string name) => variables.GetValueOrDefault(name) as PythonMap;

    private ConfigMap Put(ConfigMap own, string key, PythonValue value) => values.Node(value, key) is { } node ? own.With(new ConfigEntry(key, node, node.Source)) : own;

    private ConfigMap AddTrainer(ConfigMap own, string name)
    {
        if (Variable(name) is not { } trainer)
        {
            faults.Remarks.Add($"{faults.Place(new PythonPlace(1, 1))}: there is no {name}; the tutorial's is taken.");
            return own;
        }

        var entries = new OrderedDictionary<string, PythonValue>(trainer.Entries);
        foreach (string key in Shared)
        {
            if (entries.Remove(key, out PythonValue? part) && name != Float && part is PythonMap map && own[key] is { } first && PlainValue.Of(values.Map(map, $"{name}.{key}")) != PlainValue.Of(first))
            {
                faults.Remark(map.Place, $"{name}.{key} is not that of {Float}, which is taken for all stages.");
            }
        }

        ConfigMap node = values.Map(new PythonMap(entries, trainer.Place), name);
        if (node["callbacks"] is ConfigList callbacks && callbacks.Items.Any(item => TensorBoards.Any(PlainValue.Of(item).Contains)))
        {
            faults.Remark(trainer.Place, $"{name}.callbacks: Tessera writes nothing for TensorBoard; loss, rate and scores are in history.jsonl.");
        }

        return own.With(new ConfigEntry(name, HatDefaults.Of(node), node.Source));
    }

    private ConfigMap AddValidation(ConfigMap own)
    {
        const string Processor = "val_batch_processor";
        own = Variable(Processor) is { } processor ? Put(own, Processor, processor) : own;
        bool isInCallback = own[Float] is ConfigMap { } trainer && trainer["callbacks"] is ConfigList callbacks && callbacks.Items.OfType<ConfigMap>().Any(item => item["data_loader"] is not null);
        if (isInCallback)
        {
            return own;
        }

        if (Variable(Validation) is { } loader)
        {
            return Put(own, Validation, loader);
        }

        if (((own["data_loader"] as ConfigMap)?["dataset"] as ConfigMap)?["data_path"] is not ConfigScalar training || !training.Text.Contains("train", StringComparison.Ordinal))
        {
            faults.Remarks.Add($"{faults.Place(new PythonPlace(1, 1))}: there is no {Validation}; the tutorial's is taken. Set val_data_loader.dataset.data_path.");
            return own;
        }

        int at = training.Text.LastIndexOf("train", StringComparison.Ordinal);
        ConfigScalar path = training with { Text = $"{training.Text[..at]}val{training.Text[(at + "train".Length)..]}" };
        faults.Remarks.Add($"{path.Source}: there is no {Validation}; its pack is taken to be {path.Text}.");
        ConfigMap dataset = new([new ConfigEntry("data_path", path, path.Source)], path.Source);
        return own.With(new ConfigEntry(Validation, new ConfigMap([new ConfigEntry("dataset", dataset, path.Source)], path.Source), path.Source));
    }

    private ConfigMap AddCalibration(ConfigMap own)
    {
        if (Variable(Calibration) is not { } trainer)
        {
            faults.Remarks.Add($"{faults.Place(new PythonPlace(1, 1))}: there is no {Calibration}; the tutorial's is taken.");
            return own;
        }

        PythonValue? loader = trainer.Entries.GetValueOrDefault("data_loader") ?? Variable("calibration_data_loader");
        double? batch = ((loader as PythonMap)?.Entries.GetValueOrDefault("batch_size") as PythonNumber)?.Value;
        if (trainer.Entries.GetValueOrDefault("num_steps") is not PythonNumber steps || batch is null)
        {
            faults.Remark(trainer.Place, $"{Calibration}: num_steps or the data_loader's batch_size is not known; the tutorial's number of images is taken.");
            return own;
        }

        var images = new PythonNumber(steps.Value * batch.Value, true, steps.Place);
        return own.With(new ConfigEntry(Calibration, values.Map(new PythonMap(new() { ["num_images"] = images }, trainer.Place), Calibration), values.Source(trainer.Place)));
    }

    private ConfigMap AddCompilation(ConfigMap own)
    {
        const string Compilation = "compile_cfg", March = "march";
        PythonMap? compile = Variable(Compilation);
        PythonValue? march = compile?.Entries.GetValueOrDefault(March) ?? variables.GetValueOrDefault(March);
        return march is PythonName or PythonText
            ? Put(own, Compilation, new PythonMap(new() { [March] = new PythonText(PlainValue.LastPart(PythonOperations.Plain(march)!).ToLowerInvariant().Replace('_', '-'), march.Place) }, march.Place))
            : own;
    }

    /// <summary>Names what HAT's other commands read: Tessera's take it from the same configuration.</summary>
    private void RemarkRest()
    {
        string[] ends = ["_predictor", "_cfg", "deploy_model", "deploy_inputs", "_solver"];
        string[] rest = [.. variables.Where(variable => variable.Value is PythonMap && variable.Key != "compile_cfg" && ends.Any(end => variable.Key.EndsWith(end, StringComparison.Ordinal))).Select(variable => variable.Key)];
        if (rest.Length > 0)
        {
            faults.Remark(variables[rest[0]].Place, $"{string.Join(", ", rest)}: Tessera's commands take what they need from the training's configuration.");
        }
    }
}
