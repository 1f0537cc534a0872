using System.Text.Json;
using Tessera.Cli.Configuration;
using Tessera.Cli.Pipeline;
using Tessera.Core;
using Tessera.Imaging;
using Tessera.Programs;
using Tessera.Training;

namespace Tessera.Cli.Tests.Wires;

/// <summary>A key not only reaches the options: a stage that runs with another value leaves other weights, scales or scores.</summary>
[Collection(nameof(OneThread))]
public sealed class TrainedWireTests(WireRun run) : IClassFixture<WireRun>
{
    private const string Updater = "lr_updater.lr_decay";

    public static TheoryData<string> OfEveryStage =>
    [
        "seed=3", "model.losses.alpha=0.5", "model.losses.gamma=1", "model.losses.weight=[1, 2, 3, 4, 5]", "data_loader.batch_size=4", "data_loader.shuffle=false",
        "data_loader.transforms.2.scale=[0.9, 1.1]", "data_loader.transforms.2.per_image=true", "data_loader.transforms.3.swing=studio_subsampled",
    ];

    public static TheoryData<string> OfTheTrainer =>
        ["num_epochs=1", "optimizer.nesterov=true", "optimizer={type: AdamW, lr: 0.001}", "optimizer.lr=0.003", "optimizer.momentum=0.5", "optimizer.weight_decay=0.1", $"{Updater}_id=[]", $"{Updater}_factor=0.5"];

    public static TheoryData<string> OfCalibration =>
        ["seed=3", "data_loader.shuffle=false", "data_loader.batch_size=1", "data_loader.transforms.3.swing=studio_subsampled", "calibration_trainer.averaging_constant=0.5"];

    [Fact]
    public void The_same_settings_give_the_same_bytes()
    {
        Assert.Equal(run.FloatWeights, run.Float());
        Assert.Equal(run.Calibrated, run.Calibration());
        Assert.Equal(run.QatWeights, run.Qat());
    }

    [Theory]
    [MemberData(nameof(OfEveryStage))]
    [MemberData(nameof(OfTheTrainer))]
    [InlineData("model.bn_kwargs.eps=0.01")]
    [InlineData("model.losses={type: CrossEntropyLoss, label_smoothing: 0.1}")]
    [InlineData("model.losses={type: OhemCrossEntropyLoss}")]
    [InlineData("model.losses={type: DiceLoss}")]
    [InlineData("model.bn_kwargs.momentum=0.5")]
    [InlineData("model.neck.bn_kwargs.momentum=0.5")]
    public void Float_training_obeys(string setting) => Assert.NotEqual(run.FloatWeights, run.Float(IsOfTheTrainer(setting) ? $"float_trainer.{setting}" : setting));

    [Theory]
    [MemberData(nameof(OfEveryStage))]
    [MemberData(nameof(OfTheTrainer))]
    public void Qat_obeys(string setting) => Assert.NotEqual(run.QatWeights, run.Qat(IsOfTheTrainer(setting) ? $"qat_trainer.{setting}" : setting));

    [Theory]
    [InlineData("activation_scales=observer")]
    [InlineData("activation_scales=learned")]
    [InlineData("weight_scales=observer")]
    [InlineData("weight_scales=learned")]
    [InlineData("bias=float")]
    public void Qat_obeys_what_is_said_of_scales_and_biases(string setting) => Assert.NotEqual(run.QatWeights, run.Qat($"qat_trainer.{setting}"));

    [Theory]
    [InlineData("observer", "qat_trainer.averaging_constant=0.5")]
    [InlineData("learned", "qat_trainer.scale_lr_mult=50")]
    [InlineData("learned", "calibration_trainer.rules=[{op: depthwise, activation_observer: fixed_scale, scale: 0.5}]")]
    [InlineData("learned", "calibration_trainer.weight_scales=per_tensor")]
    public void Moving_scales_obey_their_keys(string scales, string setting)
    {
        string[] moving = [$"qat_trainer.activation_scales={scales}", $"qat_trainer.weight_scales={scales}"];
        Assert.NotEqual(run.Qat(moving), run.Qat([.. moving, setting]));
        Assert.Equal(run.QatWeights, run.Qat(setting)); // and nobody else does
    }

    [Fact]
    public void An_averaging_constant_of_0_freezes_scales_as_HATs_configuration_does() => Assert.Equal(
        run.QatWeights, run.Qat("qat_trainer.activation_scales=observer", "qat_trainer.weight_scales=observer", "qat_trainer.averaging_constant=0"));

    [Theory]
    [InlineData("activation_scales=learnt", "qat_trainer.activation_scales is learnt; it must be frozen or observer or learned")]
    [InlineData("weight_scales=0", "qat_trainer.weight_scales is 0; it must be frozen or observer or learned")]
    [InlineData("averaging_constant=-0.1", "qat_trainer.averaging_constant is -0.1; it must be a number from 0 to 1")]
    [InlineData("averaging_constant=.nan", "qat_trainer.averaging_constant is .nan; it must be a number from 0 to 1")]
    [InlineData("scale_lr_mult=0", "qat_trainer.scale_lr_mult is 0; it must be a number greater than 0")]
    [InlineData("scale_lr_mult=-1", "qat_trainer.scale_lr_mult is -1; it must be a number greater than 0")]
    [InlineData("bias=int8", "qat_trainer.bias is int8; it must be int32 or float")]
    [InlineData("weight_scale=learned", "weight_scales")]
    public void What_QAT_cannot_do_with_scales_and_biases_is_refused(string setting, string reason)
    {
        Cli refused = Cli.Run(["train", "--stage", "qat", .. run.Options($"qat_trainer.{setting}", $"ckpt_dir={run.NewFolder("float", "calibration")}")]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(reason, refused.Error);
    }

    [Fact]
    public void A_stage_reads_its_own_section()
    {
        string[] other = ["num_epochs=3", "optimizer.lr=0.3", "optimizer.momentum=0.1", "optimizer.weight_decay=0.1", $"{Updater}_id=[]", $"{Updater}_factor=0.7"];
        Assert.Equal(run.QatWeights, run.Qat([.. other.Select(setting => $"float_trainer.{setting}")]));
        Assert.Equal(run.FloatWeights, run.Float([.. other.Select(setting => $"qat_trainer.{setting}")]));
    }

    [Theory]
    [MemberData(nameof(OfCalibration))]
    public void Calibration_obeys(string setting)
    {
        WireRun.Scales scales = run.Calibration(setting, "calibration_trainer.inadequate_set=warn"); // the swing is not that of the float training
        Assert.NotEqual(run.Calibrated.Activations, scales.Activations);
        Assert.Equal(4, scales.Images);
    }

    [Fact]
    public void Each_observer_watches_what_it_is_for()
    {
        WireRun.Scales activations = run.Calibration("calibration_trainer.activation_observer=min_max"), weights = run.Calibration("calibration_trainer.weight_observer=mse");
        Assert.NotEqual(run.Calibrated.Activations, activations.Activations);
        Assert.Equal(run.Calibrated.Activations, weights.Activations);
        Assert.NotEqual(run.Calibrated.Weights, weights.Weights);
    }

    [Theory]
    [InlineData("activation_observer=moving_average")]
    [InlineData("activation_observer=widest")]
    [InlineData("activation_observer=kl")]
    [InlineData("activation_observer=mix")]
    [InlineData("activation_observer=percentile")]
    [InlineData("rules=[{nodes: '*', activation_observer: fixed_scale, scale: 0.5}]")]
    public void Calibration_obeys_its_observers(string setting) =>
        Assert.NotEqual(run.Calibrated.Activations, run.Calibration($"calibration_trainer.{setting}").Activations);

    [Theory]
    [InlineData("percentile=90")]
    [InlineData("percentile_bins=128")]
    [InlineData("averaging_constant=1")]
    public void The_percentile_observer_obeys_its_keys(string setting)
    {
        const string Percentile = "calibration_trainer.activation_observer=percentile";
        Assert.NotEqual(run.Calibration(Percentile).Activations, run.Calibration(Percentile, $"calibration_trainer.{setting}").Activations);
    }

    [Fact]
    public void Batch_norms_of_a_short_training_are_named_and_estimated_anew_where_that_is_asked_for()
    {
        string folder = run.NewFolder("float"), path = Path.Combine(folder, "calibration-report.json");
        Cli plain = Cli.Run(["train", "--stage", "calibration", .. run.Options($"ckpt_dir={folder}")]);
        Assert.Equal(0, plain.ExitCode);
        Assert.Matches(@"\d+ of 70 batch norms remember other statistics than these images have, and are folded as they are: .* The furthest are \S+, whose mean is off by .* --set calibration_trainer\.reestimate_batch_norm=true\.", plain.Output);
        Assert.Equal((false, 70), Report());

        Cli anew = Cli.Run(["train", "--stage", "calibration", .. run.Options($"ckpt_dir={folder}", "calibration_trainer.reestimate_batch_norm=true")]);
        Assert.Equal(0, anew.ExitCode);
        Assert.Contains("all were estimated anew before they were folded", anew.Output);
        Assert.Equal((true, 70), Report());
        Assert.NotEqual(run.Calibrated.Values, run.Calibration("calibration_trainer.reestimate_batch_norm=true").Values);

        (bool, int) Report()
        {
            using JsonDocument report = JsonDocument.Parse(File.ReadAllText(path));
            JsonElement norms = report.RootElement.GetProperty("batch_norms");
            Assert.True(norms[0].GetProperty("ratio").GetDouble() >= 1 && norms[0].GetProperty("shift").GetDouble() >= 0 && norms[0].GetProperty("name").GetString() == "backbone.mod1.0.1");
            return (report.RootElement.GetProperty("reestimated_batch_norm").GetBoolean(), norms.GetArrayLength());
        }
    }

    [Fact]
    public void Rescues_change_what_they_are_for()
    {
        const string Apart = "calibration_trainer.equalize=false";
        WireRun.Scales equal = run.Calibrated, plain = run.Calibration(Apart), corrected = run.Calibration(Apart, "calibration_trainer.correct_bias=true");
        Assert.NotEqual(plain.Activations, equal.Activations);
        Assert.NotEqual(plain.Values, equal.Values);
        Assert.Equal((plain.Activations, plain.Weights, plain.Values), (corrected.Activations, corrected.Weights, corrected.Values));
        Assert.NotEqual(plain.Biases, corrected.Biases);

        WireRun.Scales rounded = run.Calibration(Apart, "calibration_trainer.adaptive_rounding=true");
        Assert.Equal((plain.Activations, plain.Weights, plain.Biases), (rounded.Activations, rounded.Weights, rounded.Biases));
        Assert.NotEqual(plain.Values, rounded.Values);

        // A convolution whose scale is given keeps the range that it is given for.
        WireRun.Scales given = run.Calibration("calibration_trainer.rules=[{nodes: '*', activation_observer: fixed_scale, scale: 0.05}]");
        Assert.NotEqual(plain.Biases, equal.Biases);
        Assert.Equal((plain.Values, plain.Biases), (given.Values, given.Biases));

        // Here a bias grows so much that its channel needs a coarser scale.
        WireRun.Scales both = run.Calibration("calibration_trainer.correct_bias=true");
        Assert.NotEqual(equal.Biases, both.Biases);
        Assert.NotEqual(equal.Weights, both.Weights);
    }

    [Fact]
    public void Weights_share_scales_and_rules_reach_only_their_nodes()
    {
        Assert.NotEqual(run.Calibrated.Weights, run.Calibration("calibration_trainer.weight_scales=per_tensor").Weights);
        string[] before = run.Calibrated.Activations.Split(' '), after = run.Calibration("calibration_trainer.rules=[{nodes: 'head.stride4.0', activation_observer: fixed_scale, scale: 0.125}]").Activations.Split(' ');
        Assert.Equal(["0.125"], after.Where((scale, i) => scale != before[i]));
    }

    [Theory]
    [InlineData("[{nodes: 'haed.*', activation_observer: mse}]", "The nearest names are head.")]
    [InlineData("[{activation_observer: mse}]", "rules.0.nodes and op are both missing")]
    [InlineData("[{op: pointwise, activation_observer: fixed_scale}]", "rules.0.scale is missing")]
    [InlineData("[{op: pointwise, scale: 0.1}]", "rules.0.scale is given without")]
    [InlineData("[{op: pointwise, activation_observer: fixed_scale, scale: 0}]", "rules.0.scale is 0")]
    [InlineData("[{op: winograd, weight_observer: mse}]", "rules.0.op is winograd; it must be conv2d or depthwise or pointwise or dense")]
    [InlineData("[{op: conv2d, weight_observer: fixed_scale}]", "rules.0.weight_observer is fixed_scale; it must be min_max or")]
    [InlineData("[{op: conv2d, weight_observr: mse}]", "weight_observer")]
    public void A_rule_that_cannot_be_followed_is_refused(string rules, string reason)
    {
        Cli refused = Cli.Run(["train", "--stage", "calibration", .. run.Options($"calibration_trainer.rules={rules}", $"ckpt_dir={run.NewFolder("float")}")]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(reason, refused.Error);
    }

    [Fact]
    public void Calibration_with_other_transforms_than_those_of_training_is_refused_until_it_is_meant()
    {
        string folder = run.NewFolder("float");
        string[] options = run.Options($"ckpt_dir={folder}", "data_loader.transforms.3.swing=studio_subsampled");
        Cli refused = Cli.Run(["train", "--stage", "calibration", .. options]);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("data_loader.transforms.ImageBgrToYuv444.swing: full there, studio_subsampled now", refused.Error);
        Assert.Contains("--set calibration_trainer.inadequate_set=warn", refused.Error);
        Assert.False(File.Exists(Path.Combine(folder, "calibration-checkpoint-best.safetensors")));

        Cli told = Cli.Run(["train", "--stage", "calibration", .. options, "--set", "calibration_trainer.inadequate_set=warn"]);
        Assert.Equal(0, told.ExitCode);
        Assert.Contains("warning: Its images are prepared otherwise than those of the training of ", told.Error);

        // What augments is not for calibration.
        Cli augmented = Cli.Run(["train", "--stage", "calibration", .. run.Options($"ckpt_dir={folder}", "data_loader.transforms.2.scale=[0.9, 1.1]")]);
        Assert.Equal((0, ""), (augmented.ExitCode, augmented.Error));
    }

    [Fact]
    public void No_augmentation_is_for_calibration()
    {
        string folder = run.NewFolder();
        string[] Jitter(double brightness) => run.Options($"ckpt_dir={folder}", "float_trainer.num_epochs=1", KeyWires.Transforms(FormattableString.Invariant($"{{type: ColourJitter, brightness: {brightness}}}")));
        Assert.Equal(0, Cli.Run(["train", "--stage", "float", .. Jitter(0.1)]).ExitCode);
        Cli other = Cli.Run(["train", "--stage", "calibration", .. Jitter(0.2)]);
        Assert.Equal((0, ""), (other.ExitCode, other.Error));
    }

    [Fact]
    public void Calibration_leaves_a_report_of_every_convolution_and_prints_few()
    {
        string folder = run.NewFolder("float"), path = Path.Combine(folder, "calibration-report.json");
        Cli done = Cli.Run(["train", "--stage", "calibration", .. run.Options($"ckpt_dir={folder}")]);
        Assert.Equal(0, done.ExitCode);
        Assert.Contains(path, done.Output);
        Assert.InRange(done.Output.Split('\n').Count(line => line.StartsWith("  backbone.", StringComparison.Ordinal) || line.StartsWith("  neck.", StringComparison.Ordinal) || line.StartsWith("  head.", StringComparison.Ordinal)), 0, 5);

        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(path));
        Assert.Equal(4, report.RootElement.GetProperty("images").GetInt32());
        Assert.Equal(0, report.RootElement.GetProperty("problems").GetArrayLength());
        JsonElement[] nodes = [.. report.RootElement.GetProperty("nodes").EnumerateArray()];
        Assert.Equal(70, nodes.Length);
        Assert.All(nodes, node => Assert.True(node.GetProperty("channels")[0].GetProperty("multiplier").GetDouble() > 0));
        double[] severities = [.. report.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("severity").GetDouble())];
        Assert.Equal(severities.OrderDescending(), severities);
        Assert.All(severities, severity => Assert.True(severity >= 1));
    }

    [Fact]
    public void Calibration_observes_as_many_images_as_were_asked_for_without_augmentation()
    {
        WireRun.Scales two = run.Calibration("calibration_trainer.num_images=2");
        Assert.Equal(2, two.Images);
        Assert.NotEqual(run.Calibrated.Activations, two.Activations);
        Assert.Equal(run.Calibrated, run.Calibration("data_loader.transforms.2.scale=[0.9, 1.1]"));
    }

    [Fact]
    public void Labels_are_compared_at_the_configured_size()
    {
        TesseraConfig config = run.Config();
        long original = PredictStep.Run(run.Context, config, "float", null, run.Config("val_metric.eval_size=original").EvalSize).Metrics.PixelCount;
        long input = PredictStep.Run(run.Context, config, "float", null, run.Config("val_metric.eval_size=input").EvalSize).Metrics.PixelCount;
        Assert.Equal((148 * 70) + (126 * 64), original); // the images' own sizes less two ignored columns
        Assert.InRange(input, (2 * 64 * 128) - 400, (2 * 64 * 128) - 200);

        // The commands take the configured size where the option does not name one.
        foreach (string[] arguments in new string[][] { ["predict", "--stage", "float"], ["align", "--onnx", "false", "--artefact", Compile(run.Options())] })
        {
            Assert.Contains("own size", Cli.Run([.. arguments, .. run.Options("val_metric.eval_size=original")]).Output);
            Assert.Contains("the input size 64x128", Cli.Run([.. arguments, .. run.Options("val_metric.eval_size=input")]).Output);
        }
    }

    [Fact]
    public void Measures_are_shown_and_written_as_configured()
    {
        string file = Path.Combine(run.NewFolder(), "score.json");
        string plain = Cli.Run(["predict", "--stage", "float", .. run.Options()]).Output;
        Cli all = Cli.Run(["predict", "--stage", "float", "--json", file, .. run.Options("val_metric.f1=true", "val_metric.frequency_weighted_iou=true", "val_metric.boundary_iou=true", "val_metric.boundary_width=0.05")]);
        Assert.Equal(0, all.ExitCode);
        foreach (string word in new[] { "F1 %", "boundary IoU %", "weighted by frequency" })
        {
            Assert.DoesNotContain(word, plain);
            Assert.Contains(word, all.Output);
        }

        JsonElement score = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
        JsonElement[] classes = [.. score.GetProperty("classes").EnumerateArray().Where(row => row.GetProperty("pixels").GetInt64() > 0)];
        Assert.All(classes, row => Assert.Equal(2 * row.GetProperty("iou").GetDouble() / (1 + row.GetProperty("iou").GetDouble()), row.GetProperty("f1").GetDouble(), 1e-12)); // F1 and IoU are one measure in two scales
        Assert.Equal(
            classes.Sum(row => row.GetProperty("iou").GetDouble() * row.GetProperty("pixels").GetInt64()) / classes.Sum(row => row.GetProperty("pixels").GetInt64()), score.GetProperty("frequency_weighted_iou").GetDouble(), 1e-12);
        Assert.InRange(score.GetProperty("boundary_miou").GetDouble(), 0, 1);

        string other = Path.Combine(run.NewFolder(), "score.json");
        Cli.Run(["predict", "--stage", "float", "--json", other, .. run.Options("val_metric.boundary_iou=true")]);
        Assert.NotEqual(score.GetProperty("boundary_miou").GetDouble(), JsonDocument.Parse(File.ReadAllText(other)).RootElement.GetProperty("boundary_miou").GetDouble()); // the width is obeyed
    }

    [Fact]
    public void An_artefact_is_compiled_as_configured()
    {
        string[] options = run.Options("compile_cfg.march=bayes", "compile_cfg.opt=0", "val_data_loader.transforms.2.swing=studio_subsampled");
        CompilationInfo configured = ArtefactReader.Read(Compile(options)).Compiled.Info, asked = ArtefactReader.Read(Compile([.. options, "--march", "nash-m", "--opt", "1"])).Compiled.Info;
        Assert.Equal(("bayes", 0, YuvSwing.StudioSubsampled, "road"), (configured.March, configured.OptLevel, configured.Swing, configured.Classes[0].Name));
        Assert.Equal(("nash-m", 1), (asked.March, asked.OptLevel));
    }

    [Fact]
    public void Each_use_of_the_images_opens_its_own_pack_and_both_are_judged()
    {
        TesseraConfig config = run.Config();
        using DataSource training = DataSource.ForTraining(config), calibration = DataSource.ForCalibration(config), validation = DataSource.ForValidation(config, EvalSize.Input);
        Assert.Equal(training.Identity, calibration.Identity);
        Assert.NotEqual(training.Identity, validation.Identity);
        Assert.Equal((4, 2), (training.Batches.SampleCount, validation.Batches.SampleCount));

        // A pack with other classes than the configuration's: whichever of the two it is, training is refused.
        PackTrust.Require(config, trustData: false);
        string classes = Path.Combine(run.NewFolder(), "classes.json");
        File.WriteAllText(classes, $$"""{"classes": [{{string.Join(", ", Enumerable.Range(0, 27).Select(number => $"\"other {number}\""))}}]}""");
        string foreign = run.PackWithClasses(classes);
        foreach (string section in new[] { "data_loader", "val_data_loader" })
        {
            TesseraConfig wrong = run.Config($"{section}.dataset.data_path={foreign}");
            Assert.Contains(foreign, Assert.Throws<BadFileException>(() => PackTrust.Require(wrong, trustData: false)).Message);
        }
    }

    private string Compile(string[] options)
    {
        string folder = run.NewFolder();
        Cli compile = Cli.Run(["compile", .. options, "--out-dir", folder]);
        Assert.True(compile.ExitCode == 0, compile.Error);
        return Path.Combine(folder, "model.tsr");
    }

    private static bool IsOfTheTrainer(string setting) => setting.StartsWith("optimizer", StringComparison.Ordinal) || setting.StartsWith("lr_updater", StringComparison.Ordinal) || setting.StartsWith("num_epochs", StringComparison.Ordinal);
}
