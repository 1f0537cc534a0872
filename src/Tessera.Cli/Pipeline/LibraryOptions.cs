using Tessera.Cli.Configuration;
using Tessera.Compiler;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Quantization;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>
/// What a configuration says in the library's own words: the one place where its values become options of the library. A test holds each key of
/// docs/commands.md against it.
/// </summary>
internal static class LibraryOptions
{
    /// <summary>Training images: augmented, with a label for every stride.</summary>
    public static LoaderOptions TrainingLoader(TesseraConfig config) => Loader(config, config.DataLoader) with
    {
        Augmentations = config.DataLoader.Transforms.Augmentations,
        LabelStrides = LogitsOutputs.Of(config.TrainingGraph()).Strides,
    };

    /// <summary>Calibration images: those of training prepared as for validation, as HAT does it.</summary>
    public static LoaderOptions CalibrationLoader(TesseraConfig config) => Loader(config, config.DataLoader);

    /// <summary>Validation images.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="size">The size at which labels are compared.</param>
    /// <param name="batchSize">Images in a batch; null for the configuration's. It changes no result.</param>
    public static LoaderOptions ValidationLoader(TesseraConfig config, EvalSize size, int? batchSize = null)
    {
        LoaderOptions options = Loader(config, config.ValDataLoader);
        return options with { BatchSize = batchSize ?? options.BatchSize, KeepOriginalLabel = size == EvalSize.Original };
    }

    /// <summary>The stage float or qat.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="calibrated">What qat starts from; null for float, which starts from parameters that the seed draws.</param>
    /// <param name="run">What checkpoints say about the run.</param>
    /// <param name="resume">Continue from the last checkpoint.</param>
    public static TrainerOptions Trainer(TesseraConfig config, TrainingStage stage, Network? calibrated, RunInfo run, bool resume)
    {
        TrainerConfig settings = stage == TrainingStage.Float ? config.FloatTrainer : config.QatTrainer;
        Graph graph = config.TrainingGraph();
        return new TrainerOptions
        {
            Stage = stage,
            TrainingGraph = graph,
            Start = calibrated ?? new Network(graph, ParameterSet.Initialize(graph, config.Seed)),
            Epochs = settings.NumEpochs,
            Schedule = settings.Schedule,
            Folder = config.CkptDir,
            Run = run,
            Loss = config.Model.Loss,
            Optimizer = settings.Optimizer,
            Qat = new QatOptions
            {
                ActivationScales = config.Qat.ActivationScales,
                WeightScales = config.Qat.WeightScales,
                AveragingConstant = config.Qat.AveragingConstant,
                ScaleRateFactor = config.Qat.ScaleRateFactor,
                Bias = config.Qat.Bias,
                Calibration = Observers(config),
            },
            Resume = resume,
            CheckpointInterval = settings.CheckpointMinutes > 0 ? TimeSpan.FromMinutes(settings.CheckpointMinutes) : TimeSpan.MaxValue,
        };
    }

    /// <summary>The stage calibration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="trained">The network that was trained in float.</param>
    /// <param name="run">What the checkpoint says about the run.</param>
    public static CalibratorOptions Calibrator(TesseraConfig config, Network trained, RunInfo run) => new()
    {
        TrainingGraph = config.TrainingGraph(),
        FloatNetwork = trained,
        Folder = config.CkptDir,
        Run = run,
        Calibration = Observers(config),
        Images = config.CalibrationTrainer.NumImages,
        ReestimateBatchNorm = config.CalibrationTrainer.ReestimateBatchNorm,
        AllowInadequateSet = config.CalibrationTrainer.AllowInadequateSet,
    };

    /// <summary>Compilation; classes and colour conversion go into the artefact.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="march">What to compile for; null for the configuration's.</param>
    /// <param name="level">How much the scheduler may change; null for the configuration's.</param>
    public static CompileOptions Compile(TesseraConfig config, March? march = null, OptLevel? level = null) =>
        new(march ?? MarchName.Find(config.Compile.March), level ?? (OptLevel)config.Compile.Opt, [.. config.Classes.Classes]) { Swing = config.ValDataLoader.Transforms.Swing };

    private static CalibrationOptions Observers(TesseraConfig config)
    {
        CalibrationConfig calibration = config.CalibrationTrainer;
        return new CalibrationOptions
        {
            ActivationObserver = calibration.ActivationObserver,
            WeightObserver = calibration.WeightObserver,
            WeightGranularity = calibration.WeightGranularity,
            AveragingConstant = calibration.AveragingConstant,
            Percentile = calibration.Percentile,
            PercentileBins = calibration.PercentileBins,
            Equalize = calibration.Equalize,
            AdaptRounding = calibration.AdaptRounding,
            CorrectBias = calibration.CorrectBias,
            Rules = calibration.Rules,
            Requantization = MarchName.Find(config.Compile.March).Arithmetic,
        };
    }

    private static LoaderOptions Loader(TesseraConfig config, DataLoaderConfig data) => new()
    {
        BatchSize = data.BatchSize,
        Workers = data.NumWorkers == 0 ? Environment.ProcessorCount : data.NumWorkers,
        Shuffle = data.Shuffle,
        Seed = config.Seed,
        Height = config.InputHeight,
        Width = config.InputWidth,
        Swing = data.Transforms.Swing,
    };
}
