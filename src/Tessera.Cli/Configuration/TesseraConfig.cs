using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Recipes;
using Tessera.Training;

namespace Tessera.Cli.Configuration;

/// <summary>A whole configuration as typed values. Paths in it are relative to the current folder.</summary>
public sealed record TesseraConfig
{
    /// <summary>The name of the run.</summary>
    public required string TaskName { get; init; }

    /// <summary>The run's folder: checkpoints, history, artefacts.</summary>
    public required string CkptDir { get; init; }

    /// <summary>Starts every random choice: initial weights, data order, augmentation.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Height of the network's input, which the network takes.</summary>
    public required int InputHeight { get; init; }

    /// <summary>Width of the network's input, which the network takes.</summary>
    public required int InputWidth { get; init; }

    /// <summary>The network and its loss.</summary>
    public required ModelConfig Model { get; init; }

    /// <summary>The training images.</summary>
    public required DataLoaderConfig DataLoader { get; init; }

    /// <summary>The validation images.</summary>
    public required DataLoaderConfig ValDataLoader { get; init; }

    /// <summary>Stage float.</summary>
    public required TrainerConfig FloatTrainer { get; init; }

    /// <summary>Stage calibration.</summary>
    public required CalibrationConfig CalibrationTrainer { get; init; }

    /// <summary>Stage qat.</summary>
    public required TrainerConfig QatTrainer { get; init; }

    /// <summary>Scales and biases of stage qat.</summary>
    public required QatConfig Qat { get; init; }

    /// <summary>The size at which <c>predict</c> compares.</summary>
    public EvalSize EvalSize => Metric.EvalSize;

    /// <summary>The measures.</summary>
    public required MetricConfig Metric { get; init; }

    /// <summary>Compilation.</summary>
    public required CompileConfig Compile { get; init; }

    /// <summary>The classes that the data set has.</summary>
    public required ClassTable Classes { get; init; }

    /// <summary>The names of the classes.</summary>
    public ImmutableArray<string> ClassNames => [.. Classes.Classes.Select(entry => entry.Name)];

    /// <summary>The configuration as YAML with every default written out; reading it again gives the same configuration.</summary>
    public string ResolvedYaml { get; private init; } = "";

    /// <summary>Reads a configuration file with the files it is based on.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">What followed each <c>--set</c>.</param>
    /// <param name="models">The networks that it can name; null for those of the library.</param>
    /// <exception cref="UsageException">The file is missing or wrong; the message names file, line and key of everything that is.</exception>
    /// <exception cref="BadFileException">The class file that it names is missing or wrong.</exception>
    public static TesseraConfig Load(string path, IReadOnlyList<string> overrides, RecipeTable<SegmentationModel>? models = null)
    {
        (TesseraConfig config, ConfigMap resolved) = ConfigSection.Read(ConfigFile.Load(path, overrides), section => Read(section, models ?? SegmentationModels.Table));
        return config with { ResolvedYaml = ConfigYaml.Print(resolved) };
    }

    /// <summary>The training graph at the configured input size.</summary>
    /// <param name="batch">Images in a batch.</param>
    /// <exception cref="UsageException">The network does not take the size.</exception>
    public Graph TrainingGraph(int batch = 1) => Model.Network.TrainingGraph(new TensorShape(batch, 3, InputHeight, InputWidth));

    /// <summary>Reads a merged configuration.</summary>
    internal static TesseraConfig Read(ConfigSection section, RecipeTable<SegmentationModel> models)
    {
        string task = section.Text("task_name");
        string folder = section.Text("ckpt_dir", $"runs/{task}");
        ulong seed = (ulong)section.Integer("seed", 0, 0, long.MaxValue);
        ImmutableArray<int> size = section.Ints("input_size", null, 2, 1, 16384);
        string classFile = section.Text("classes", "cityscapes");
        ConfigSection qat = section.Section("qat_trainer");
        ClassTable classes = classFile == "cityscapes" ? ClassTable.Cityscapes : ClassTableFile.Read(classFile).Classes;
        ModelConfig model = ModelConfig.Read(section, size, classes, models);
        var network = new NetworkFacts(size, model.Outputs);
        HatTrainer.ReadBatchProcessors(section);
        return new TesseraConfig
        {
            Classes = classes,
            TaskName = task,
            CkptDir = folder,
            Seed = seed,
            InputHeight = size[0],
            InputWidth = size[1],
            Model = model,
            DataLoader = DataLoaderConfig.Read(section.Section("data_loader"), network, isTraining: true),
            ValDataLoader = DataLoaderConfig.Read(section.Section("val_data_loader"), network, isTraining: false),
            FloatTrainer = TrainerConfig.Read(section.Section("float_trainer")),
            CalibrationTrainer = CalibrationConfig.Read(section.Section("calibration_trainer")),
            QatTrainer = TrainerConfig.Read(qat),
            Qat = QatConfig.Read(qat),
            Metric = MetricConfig.Read(section.Section("val_metric")),
            Compile = CompileConfig.Read(section.Section("compile_cfg")),
        };
    }
}
