using Tessera.Cli.Commands;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Imaging;
using Tessera.Quantization;
using Tessera.Training;

namespace Tessera.Cli.Tests.Wires;

/// <summary>Every key of docs/commands.md and what it does to the library's options. A new key needs a line here.</summary>
internal static class KeyWires
{
    private const string NoType = "which is no ";

    public static IReadOnlyList<KeyWire> All { get; } = [.. Run(), .. Model(), .. ModelWires.FastScnn, .. Loader("data_loader", Training), .. AugmentationWires.All, .. Loader("val_data_loader", Validation), .. Trainer("float_trainer", TrainingStage.Float), .. Trainer("qat_trainer", TrainingStage.Qat), .. ScheduleWires.Of("float_trainer", TrainingStage.Float), .. ScheduleWires.Of("qat_trainer", TrainingStage.Qat), .. Rest()];

    private static IEnumerable<KeyWire> Run() =>
    [
        KeyWire.Of("task_name", "other", config => (config.TaskName, Float(config).Folder), ("unet_mobilenetv1_cityscapes", "runs/unet_mobilenetv1_cityscapes"), ("other", "runs/other")),
        KeyWire.Of("ckpt_dir", "elsewhere", config => (Float(config).Folder, Calibration(config).Folder), ("runs/unet_mobilenetv1_cityscapes", "runs/unet_mobilenetv1_cityscapes"), ("elsewhere", "elsewhere")),
        KeyWire.Of("seed", "7", config => (Training(config).Seed, LibraryOptions.CalibrationLoader(config).Seed, Validation(config).Seed, FirstWeight(config)), (0UL, 0UL, 0UL, FirstWeight(0)), (7UL, 7UL, 7UL, FirstWeight(7))),
        KeyWire.Of("input_size", "[64, 128]", config => (Sizes(Training(config)), Sizes(LibraryOptions.CalibrationLoader(config)), Sizes(Validation(config)), Float(config).TrainingGraph.Input.Output.Shape), ((1024, 2048), (1024, 2048), (1024, 2048), new TensorShape(1, 3, 1024, 2048)), ((64, 128), (64, 128), (64, 128), new TensorShape(1, 3, 64, 128))),
    ];

    private static IEnumerable<KeyWire> Model() =>
    [
        KeyWire.Only("model.type", "Unknown", NoType),
        KeyWire.Only("model.backbone.type", "Unknown", NoType),
        KeyWire.Only("model.neck.type", "Unknown", NoType),
        KeyWire.Only("model.head.type", "Unknown", NoType),
        KeyWire.Only("model.losses.type", "Unknown", NoType),
        KeyWire.Of("model.bn_kwargs.eps", "0.001", config => Norms(config, norm => norm.Eps), "backbone 2E-05, neck 2E-05, head 2E-05", "backbone 0.001, neck 0.001, head 0.001"),
        KeyWire.Of("model.bn_kwargs.momentum", "0.25", config => Norms(config, norm => norm.Momentum), "backbone 0.1, neck 0.1, head 0.1", "backbone 0.25, neck 0.25, head 0.25"),
        .. Parts("eps", "0.001", "2E-05", "0.001", norm => norm.Eps),
        .. Parts("momentum", "0.25", "0.1", "0.25", norm => norm.Momentum),
        new KeyWire("model.backbone.alpha", ["model.backbone.alpha=0.5", "model.neck.base_channels=16"], config => Channels(config, "backbone"), 8, 16),
        new KeyWire("model.neck.base_channels", ["model.backbone.alpha=0.5", "model.neck.base_channels=16"], config => Channels(config, "neck"), 32, 64),
        KeyWire.Of("model.neck.dw_with_relu", "false", config => Float(config).TrainingGraph.Nodes.Count(node => node.Name.StartsWith("neck.", StringComparison.Ordinal) && node.Op is Relu), 38, 19),
        new KeyWire("model.neck.output_scales", ["model.neck.output_scales=[4, 16]", "model.losses.weight=[1, 1]"], config => string.Join(" ", Float(config).TrainingGraph.Outputs.Select(output => output.Name)), "stride4 stride8 stride16 stride32 stride64", "stride4 stride16"),
        new KeyWire("model.head.num_classes", [.. TwoClasses], config => Float(config).TrainingGraph.ValueOf(Float(config).TrainingGraph.Outputs[0].Value).Shape.C, 19, 2),
        new KeyWire("classes", [.. TwoClasses], config => string.Join(" ", LibraryOptions.Compile(config).Classes.Select(entry => entry.Name).Take(2)), "road sidewalk", "way rest"),
        KeyWire.Of("model.losses.alpha", "0.5", config => (Focal(Float(config)).Alpha, Focal(Qat(config)).Alpha), (0.25, 0.25), (0.5, 0.5)),
        KeyWire.Of("model.losses.gamma", "3", config => (Focal(Float(config)).Gamma, Focal(Qat(config)).Gamma), (2.0, 2.0), (3.0, 3.0)),
        Loss("CrossEntropyLoss", "class_weight", $"[{string.Join(", ", Enumerable.Range(1, 19))}]", loss => ((CrossEntropyLossOptions)loss).ClassWeights.Sum(), 0.0, 190.0),
        Loss("CrossEntropyLoss", "label_smoothing", "0.25", loss => ((CrossEntropyLossOptions)loss).LabelSmoothing, 0.0, 0.25),
        Loss("OhemCrossEntropyLoss", "thresh", "0.5", loss => ((OhemCrossEntropyLossOptions)loss).Threshold, 0.7, 0.5),
        Loss("OhemCrossEntropyLoss", "min_share", "0.5", loss => ((OhemCrossEntropyLossOptions)loss).MinShare, 0.0625, 0.5),
        Loss("DiceLoss", "smooth", "0.5", loss => ((DiceLossOptions)loss).Smooth, 1.0, 0.5),
        KeyWire.Of("model.losses.weight", "[5, 4, 3, 2, 1]", config => (Weights(Float(config)), Weights(Qat(config))), ("256 128 64 32 16", "256 128 64 32 16"), ("95 76 57 38 19", "95 76 57 38 19")),
    ];

    private static KeyWire Loss(string type, string key, string value, Func<SegmentationLossOptions, object> read, object before, object after) => new(
        $"model.losses.{key}", [$"model.losses={{type: {type}, {key}: {value}}}"], config => (read(Float(config).Loss), read(Qat(config).Loss)), (before, before), (after, after)) { Before = [$"model.losses={{type: {type}}}"] };

    private static IEnumerable<KeyWire> Loader(string section, Func<TesseraConfig, LoaderOptions> options)
    {
        bool isTraining = options == Training;
        string image = $"{section}.transforms.ImageNormalize";
        return
        [
            KeyWire.Only($"{section}.dataset.type", "Unknown", NoType),
            KeyWire.Of($"{section}.dataset.data_path", "else_lmdb", config => Open(isTraining ? () => DataSource.ForTraining(config) : () => DataSource.ForValidation(config, EvalSize.Input)), isTraining ? "data/cityscapes/train_lmdb" : "data/cityscapes/val_lmdb", "else_lmdb"),
            KeyWire.Of($"{section}.batch_size", "3", config => options(config).BatchSize, isTraining ? 4 : 1, 3),
            KeyWire.Of($"{section}.num_workers", "9", config => options(config).Workers, Environment.ProcessorCount, 9),
            KeyWire.Of($"{section}.shuffle", isTraining ? "false" : "true", config => options(config).Shuffle, isTraining, !isTraining),
            KeyWire.Of($"{section}.transforms.ImageBgrToYuv444.swing", "studio_subsampled", config => options(config).Swing, YuvSwing.Full, YuvSwing.StudioSubsampled),
            KeyWire.Only($"{image}.mean", "127", "it must be 128"),
            KeyWire.Only($"{image}.std", "1", "it must be 128"),
            KeyWire.Only($"{section}.transforms", "[{type: SegResize}, {type: LabelRemap}]", "they must be LabelRemap, SegResize"),
        ];
    }

    private static IEnumerable<KeyWire> Trainer(string section, TrainingStage stage)
    {
        TrainerOptions Options(TesseraConfig config) => LibraryOptions.Trainer(config, stage, null, new RunInfo(), resume: false);
        double Rate(TesseraConfig config, int epoch) => Options(config).Schedule.RateAt(new TrainingMoment(epoch, epoch * 5, 400, 5));
        bool isFloat = stage == TrainingStage.Float;
        double rate = isFloat ? 0.01 : 2e-4;
        int first = isFloat ? 200 : 20;
        return
        [
            KeyWire.Of($"{section}.num_epochs", "3", config => Options(config).Epochs, isFloat ? 300 : 30, 3),
            KeyWire.Of($"{section}.checkpoint_minutes", "0.5", config => Options(config).CheckpointInterval, TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(30)),
            KeyWire.Only($"{section}.optimizer.type", "Unknown", NoType),
            KeyWire.Of($"{section}.optimizer.lr", "0.5", config => Rate(config, 0), rate, 0.5),
            KeyWire.Of($"{section}.optimizer.momentum", "0.5", config => Sgd(Options(config)).Momentum, 0.9, 0.5),
            KeyWire.Of($"{section}.optimizer.nesterov", "true", config => Sgd(Options(config)).Nesterov, false, true),
            Adam("betas", "[0.5, 0.75]", new(), new() { Beta1 = 0.5, Beta2 = 0.75 }),
            Adam("eps", "0.125", new(), new() { Eps = 0.125 }),
            KeyWire.Of($"{section}.optimizer.weight_decay", "0.25", config => Sgd(Options(config)).Decay, WeightDecay.OfWeights(5e-3), WeightDecay.OfWeights(0.25)),
            KeyWire.Only($"{section}.lr_updater.type", "Unknown", NoType),
            KeyWire.Of($"{section}.lr_updater.lr_decay_id", "[2]", config => (Rate(config, 1), Rate(config, 2)), (rate, rate), (rate, rate * 0.1)),
            KeyWire.Of($"{section}.lr_updater.lr_decay_factor", "0.5", config => Rate(config, first), rate * 0.1, rate * 0.5),
        ];

        KeyWire Adam(string key, string value, AdamWOptions before, AdamWOptions after) =>
            new($"{section}.optimizer.{key}", [$"{section}.optimizer={{type: AdamW, lr: 1, {key}: {value}}}"], config => Options(config).Optimizer, before, after) { Before = [$"{section}.optimizer={{type: AdamW, lr: 1}}"] };
    }

    private static IEnumerable<KeyWire> Rest() =>
    [
        KeyWire.Only("val_metric.type", "Unknown", NoType),
        KeyWire.Of("val_metric.eval_size", "input", config => (EvalSizeOption.Read(null, config), LibraryOptions.ValidationLoader(config, config.EvalSize).KeepOriginalLabel), (EvalSize.Original, true), (EvalSize.Input, false)),
        KeyWire.Of("qat_trainer.activation_scales", "learned", config => (Qat(config).Qat.ActivationScales, Qat(config).Qat.WeightScales), (ScaleTraining.Frozen, ScaleTraining.Frozen), (ScaleTraining.Learned, ScaleTraining.Frozen)),
        KeyWire.Of("qat_trainer.weight_scales", "observer", config => (Qat(config).Qat.ActivationScales, Qat(config).Qat.WeightScales), (ScaleTraining.Frozen, ScaleTraining.Frozen), (ScaleTraining.Frozen, ScaleTraining.Observer)),
        KeyWire.Of("qat_trainer.averaging_constant", "0.5", config => Qat(config).Qat.AveragingConstant, 0.01, 0.5),
        KeyWire.Of("qat_trainer.scale_lr_mult", "0.5", config => Qat(config).Qat.ScaleRateFactor, 1.0, 0.5),
        KeyWire.Of("qat_trainer.bias", "float", config => Qat(config).Qat.Bias, BiasForm.Int32, BiasForm.Float),
        KeyWire.Of("val_metric.f1", "true", config => config.Metric.F1, false, true),
        KeyWire.Of("val_metric.frequency_weighted_iou", "true", config => config.Metric.FrequencyWeightedIoU, false, true),
        KeyWire.Of("val_metric.boundary_iou", "true", config => config.Metric.BoundaryIoU, false, true),
        KeyWire.Of("val_metric.boundary_width", "0.1", config => config.Metric.BoundaryWidth, 0.02, 0.1),
        KeyWire.Of("calibration_trainer.num_images", "9", config => Calibration(config).Images, 1000, 9),
        KeyWire.Of("calibration_trainer.activation_observer", "min_max", config => Calibration(config).Calibration.ActivationObserver, ObserverKind.Mse, ObserverKind.MinMax),
        KeyWire.Of("calibration_trainer.weight_observer", "mse", config => Calibration(config).Calibration.WeightObserver, ObserverKind.MinMax, ObserverKind.Mse),
        KeyWire.Of("calibration_trainer.averaging_constant", "0.5", config => Calibration(config).Calibration.AveragingConstant, 0.01, 0.5),
        KeyWire.Of("calibration_trainer.weight_scales", "per_tensor", config => Calibration(config).Calibration.WeightGranularity, WeightGranularity.PerChannel, WeightGranularity.PerTensor),
        KeyWire.Of("calibration_trainer.percentile", "99.5", config => Calibration(config).Calibration.Percentile, 99.99, 99.5),
        KeyWire.Of("calibration_trainer.percentile_bins", "512", config => Calibration(config).Calibration.PercentileBins, 2048, 512),
        KeyWire.Of("calibration_trainer.reestimate_batch_norm", "true", config => Calibration(config).ReestimateBatchNorm, false, true),
        KeyWire.Of("calibration_trainer.equalize", "false", config => Calibration(config).Calibration.Equalize, true, false),
        KeyWire.Of("calibration_trainer.adaptive_rounding", "true", config => Calibration(config).Calibration.AdaptRounding, false, true),
        KeyWire.Of("calibration_trainer.correct_bias", "true", config => Calibration(config).Calibration.CorrectBias, false, true),
        KeyWire.Of("calibration_trainer.inadequate_set", "warn", config => Calibration(config).AllowInadequateSet, false, true),
        KeyWire.Of(
            "calibration_trainer.rules",
            "[{nodes: 'head.*', activation_observer: percentile, percentile: 99, weight_observer: kl, weight_scales: per_tensor}, {op: depthwise, activation_observer: fixed_scale, scale: 0.5}]",
            config => string.Join(" | ", Calibration(config).Calibration.Rules),
            "",
            string.Join(" | ",
                new ObserverRule { Nodes = "head.*", ActivationObserver = ObserverKind.Percentile, Percentile = 99, WeightObserver = ObserverKind.Kl, WeightGranularity = WeightGranularity.PerTensor },
                new ObserverRule { Op = ConvolutionKind.Depthwise, ActivationObserver = ObserverKind.FixedScale, Scale = 0.5f })),
        KeyWire.Of("compile_cfg.march", "bayes", config => LibraryOptions.Compile(config).March.Name, "cpu", "bayes"),
        KeyWire.Of("compile_cfg.opt", "0", config => LibraryOptions.Compile(config).OptLevel, OptLevel.O2, OptLevel.O0),
    ];

    private static IEnumerable<KeyWire> Parts(string key, string value, string before, string after, Func<BatchNorm2d, float> read)
    {
        string[] parts = ["backbone", "neck", "head"];
        return parts.Select(part => KeyWire.Of(
            $"model.{part}.bn_kwargs.{key}", value, config => Norms(config, read), string.Join(", ", parts.Select(name => $"{name} {before}")), string.Join(", ", parts.Select(name => $"{name} {(name == part ? after : before)}"))));
    }

    /// <summary>An override: the training images' transforms with these augmentations.</summary>
    public static string Transforms(params string[] augmentations) =>
        $"data_loader.transforms=[{string.Join(", ", ["{type: LabelRemap}", "{type: SegResize}", .. augmentations, "{type: ImageBgrToYuv444}", "{type: ImageNormalize}", "{type: Scale}"])}]";

    private static IEnumerable<string> TwoClasses => ["classes=CLASSES", "model.head.num_classes=2"];

    private static LoaderOptions Training(TesseraConfig config) => LibraryOptions.TrainingLoader(config);

    private static LoaderOptions Validation(TesseraConfig config) => LibraryOptions.ValidationLoader(config, EvalSize.Input);

    private static TrainerOptions Float(TesseraConfig config) => LibraryOptions.Trainer(config, TrainingStage.Float, null, new RunInfo(), resume: false);

    private static TrainerOptions Qat(TesseraConfig config) => LibraryOptions.Trainer(config, TrainingStage.Qat, null, new RunInfo(), resume: false);

    private static CalibratorOptions Calibration(TesseraConfig config) => LibraryOptions.Calibrator(config, Float(config).Start, new RunInfo());

    private static (int, int) Sizes(LoaderOptions options) => (options.Height, options.Width);

    private static float FirstWeight(TesseraConfig config) => Float(config).Start.Parameters["backbone.mod1.0.0.weight"][0];

    private static float FirstWeight(ulong seed)
    {
        Graph graph = TesseraConfig.Load(Cli.Config("unet_mobilenetv1_cityscapes.yaml"), []).TrainingGraph();
        return ParameterSet.Initialize(graph, seed)["backbone.mod1.0.0.weight"][0];
    }

    private static string Weights(TrainerOptions options) => string.Join(" ", options.Loss.Weights.Select(weight => Math.Round(weight * 19, 6)));

    private static FocalLossOptions Focal(TrainerOptions options) => (FocalLossOptions)options.Loss;

    private static SgdOptions Sgd(TrainerOptions options) => (SgdOptions)options.Optimizer;

    private static int Channels(TesseraConfig config, string part) => Float(config).TrainingGraph.Nodes.Where(node => node.Name.StartsWith(part, StringComparison.Ordinal)).Select(node => node.Op).OfType<Conv2d>().Min(conv => conv.OutChannels);

    /// <summary>The value of each part's batch norms, which must agree within a part.</summary>
    private static string Norms(TesseraConfig config, Func<BatchNorm2d, float> read) => string.Join(", ", Float(config).TrainingGraph.Nodes.Where(node => node.Op is BatchNorm2d)
        .GroupBy(node => node.Name.Split('.')[0], node => read((BatchNorm2d)node.Op))
        .Select(part => $"{part.Key} {string.Join("/", part.Distinct().Select(value => value.ToString(System.Globalization.CultureInfo.InvariantCulture)))}"));

    /// <summary>The pack that is opened. There is none, and the message says which one is missing.</summary>
    private static string Open(Func<DataSource> open)
    {
        string message = Assert.Throws<BadFileException>(() => open().Dispose()).Message;
        return message.Split(' ').First(word => word.Contains("_lmdb", StringComparison.Ordinal)).Split("/data.mdb")[0];
    }
}
