using System.Collections.Immutable;
using Tessera.Cli.Configuration;
using Tessera.Graphs;
using Tessera.Quantization;
using Tessera.Training;

namespace Tessera.Cli.Pipeline;

/// <summary>Sets up the stages of training from a configuration.</summary>
internal static class TrainingRun
{
    private const int PipelineTestBatches = 2;

    /// <summary>The configuration of <c>--pipeline-test</c>: one short epoch of each stage, in a folder of its own.</summary>
    public static TesseraConfig PipelineTest(TesseraConfig config) => config with
    {
        CkptDir = Path.Combine(config.CkptDir, "pipeline-test"),
        FloatTrainer = config.FloatTrainer with { NumEpochs = 1 },
        CalibrationTrainer = config.CalibrationTrainer with { NumImages = PipelineTestBatches * config.DataLoader.BatchSize },
        QatTrainer = config.QatTrainer with { NumEpochs = 1 },
    };

    /// <summary>Trains stage float or qat.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="stage">Float or QAT.</param>
    /// <param name="resume">Continue from the last checkpoint where there is one.</param>
    /// <param name="isShort">Only a few batches of an epoch.</param>
    /// <param name="callback">Told of the progress.</param>
    /// <param name="cancellation">Ends the run after the present step.</param>
    /// <exception cref="Core.BadFileException">The data or a checkpoint is missing or wrong.</exception>
    /// <exception cref="Core.WorkException">Training diverged, or libtorch cannot be loaded.</exception>
    public static TrainingResult Train(TesseraConfig config, TrainingStage stage, bool resume, bool isShort, ITrainingCallback callback, CancellationToken cancellation)
    {
        Graph graph = config.TrainingGraph();
        TrainerConfig settings = stage == TrainingStage.Float ? config.FloatTrainer : config.QatTrainer;
        Network start = stage == TrainingStage.Float
            ? new Network(graph, ParameterSet.Initialize(graph, config.Seed))
            : StageNetwork.Load(config, TrainingStage.Calibration, null).Network;
        using DataSource training = DataSource.ForTraining(config);
        using DataSource validation = DataSource.ForValidation(config, EvalSize.Input);
        RunFiles.SaveConfig(config, TrainingStages.NameOf(stage));
        var options = new TrainerOptions
        {
            Stage = stage,
            TrainingGraph = graph,
            Start = start,
            Epochs = settings.NumEpochs,
            Schedule = new StepDecaySchedule(settings.Optimizer.Lr, settings.Schedule.Milestones, settings.Schedule.Factor),
            Folder = config.CkptDir,
            Run = Info(config),
            Loss = Loss(config),
            Momentum = settings.Optimizer.Momentum,
            WeightDecay = settings.Optimizer.WeightDecay,
            Resume = resume,
        };
        return new Trainer(
            options,
            Limited(training, config.DataLoader.BatchSize, isShort),
            Limited(validation, config.ValDataLoader.BatchSize, isShort),
            callback).Run(cancellation);
    }

    /// <summary>Runs the calibration stage.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="isShort">Only a few validation images.</param>
    /// <param name="callback">Told of the progress.</param>
    /// <param name="cancellation">Ends the run; nothing is written then.</param>
    /// <exception cref="Core.BadFileException">The data or the float checkpoint is missing or wrong.</exception>
    public static CalibrationResult Calibrate(TesseraConfig config, bool isShort, ICalibrationCallback callback, CancellationToken cancellation)
    {
        Network network = StageNetwork.Load(config, TrainingStage.Float, null).Network;
        using DataSource images = DataSource.ForCalibration(config);
        using DataSource validation = DataSource.ForValidation(config, EvalSize.Input);
        RunFiles.SaveConfig(config, TrainingStages.NameOf(TrainingStage.Calibration));
        var options = new CalibratorOptions
        {
            TrainingGraph = config.TrainingGraph(),
            FloatNetwork = network,
            Folder = config.CkptDir,
            Run = Info(config),
            Calibration = new CalibrationOptions
            {
                ActivationObserver = config.CalibrationTrainer.ActivationObserver,
                WeightObserver = config.CalibrationTrainer.WeightObserver,
                AveragingConstant = config.CalibrationTrainer.AveragingConstant,
            },
            Images = config.CalibrationTrainer.NumImages,
        };
        return new Calibrator(options, images.Batches, Limited(validation, config.ValDataLoader.BatchSize, isShort), callback).Run(cancellation);
    }

    private static RunInfo Info(TesseraConfig config) => new() { Seed = config.Seed, Config = config.ResolvedYaml, Classes = config.ClassNames };

    private static FocalLossOptions Loss(TesseraConfig config) => new()
    {
        Alpha = config.Model.Loss.Alpha,
        Gamma = config.Model.Loss.Gamma,
        StrideWeights = config.Model.Segmentor.Neck.OutputScales.Order()
            .Zip(config.Model.Loss.Weight, KeyValuePair.Create)
            .ToImmutableDictionary(),
    };

    private static IBatchSource Limited(DataSource data, int batchSize, bool isShort) =>
        isShort ? new LimitedSource(data.Batches, PipelineTestBatches, batchSize) : data.Batches;
}
