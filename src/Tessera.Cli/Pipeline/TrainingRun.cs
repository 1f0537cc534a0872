using System.Collections.Immutable;
using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Core;
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
        CalibrationTrainer = config.CalibrationTrainer with { NumImages = PipelineTestBatches * config.DataLoader.BatchSize, AllowInadequateSet = true },
        QatTrainer = config.QatTrainer with { NumEpochs = 1 },
    };

    /// <summary>Trains stage float or qat.</summary>
    /// <param name="context">Console and cancellation, which ends the run after the present step.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="stage">Float or QAT.</param>
    /// <param name="start">Afresh, or from the last checkpoint.</param>
    /// <param name="isShort">Only a few batches of an epoch.</param>
    /// <param name="callback">Told of the progress.</param>
    /// <exception cref="Core.BadFileException">The data or a checkpoint is missing or wrong, another run works in the folder, or the stage may not start as asked.</exception>
    /// <exception cref="Core.WorkException">Training diverged, or libtorch cannot be loaded.</exception>
    public static TrainingResult Train(CommandContext context, TesseraConfig config, TrainingStage stage, StartOptions start, bool isShort, ITrainingCallback callback)
    {
        using RunLock held = RunLock.Acquire(config.CkptDir);
        Checkpoint? calibration = stage == TrainingStage.Float ? null : StageNetwork.LoadStart(context.Console, config, TrainingStage.Calibration, start.AllowChanges);
        RequireMarch(config, calibration);
        using DataSource training = DataSource.ForTraining(config);
        using DataSource validation = DataSource.ForValidation(config, EvalSize.Input);
        RunInfo run = Info(config, calibration, training, validation);
        RunStart.Require(config, stage, run, start);
        RunFiles.SaveConfig(config, TrainingStages.NameOf(stage));
        return new Trainer(
            LibraryOptions.Trainer(config, stage, calibration?.Network, run, start.Resume),
            Limited(training, config.DataLoader.BatchSize, isShort),
            Limited(validation, config.ValDataLoader.BatchSize, isShort),
            callback).Run(context.Cancellation);
    }

    /// <summary>Runs the calibration stage.</summary>
    /// <param name="context">Console and cancellation, which ends the run; nothing is written then.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="allowChanges">Take a float checkpoint with other class names.</param>
    /// <param name="isShort">Only a few validation images.</param>
    /// <param name="callback">Told of the progress.</param>
    /// <exception cref="Core.BadFileException">The data or the float checkpoint is missing or wrong, or another run works in the folder.</exception>
    public static CalibrationResult Calibrate(CommandContext context, TesseraConfig config, bool allowChanges, bool isShort, ICalibrationCallback callback)
    {
        using RunLock held = RunLock.Acquire(config.CkptDir);
        Checkpoint trained = StageNetwork.LoadStart(context.Console, config, TrainingStage.Float, allowChanges);
        using DataSource images = DataSource.ForCalibration(config);
        using DataSource validation = DataSource.ForValidation(config, EvalSize.Input);
        RunFiles.SaveConfig(config, TrainingStages.NameOf(TrainingStage.Calibration));
        CalibratorOptions options = LibraryOptions.Calibrator(config, trained.Network, Info(config, trained, images, validation)) with
        {
            TrainingSteps = trained.State.Step,
            KnownProblems = Preparation.Problems(config, trained),
        };
        return new Calibrator(options, images.Batches, Limited(validation, config.ValDataLoader.BatchSize, isShort), callback).Run(context.Cancellation);
    }

    /// <summary>QAT trains with the arithmetic that calibration found scales for; that of another device would be found out when it is compiled.</summary>
    private static void RequireMarch(TesseraConfig config, Checkpoint? calibration)
    {
        Requantization wanted = MarchName.Find(config.Compile.March).Arithmetic;
        if (calibration is not null && ScaleTable.RequantizationOf(calibration.Network.Graph) is var found && found != wanted)
        {
            throw new UsageException($"compile_cfg.march is {config.Compile.March}, which requantizes by {wanted.Name}, but the calibration in {config.CkptDir} is for {found.Name}. Calibrate again (`tessera train --stage calibration --overwrite`), or give the march of the calibration.");
        }
    }

    private static RunInfo Info(TesseraConfig config, Checkpoint? start, DataSource training, DataSource validation) => new()
    {
        Seed = config.Seed,
        Config = config.ResolvedYaml,
        Classes = config.ClassNames,
        Lineage = start is null ? ImmutableSortedDictionary<TrainingStage, string>.Empty : CheckpointLineage.After(start),
        Data = ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("train", training.Identity), KeyValuePair.Create("val", validation.Identity)]),
    };

    private static IBatchSource Limited(DataSource data, int batchSize, bool isShort) =>
        isShort ? new LimitedSource(data.Batches, PipelineTestBatches, batchSize) : data.Batches;
}
