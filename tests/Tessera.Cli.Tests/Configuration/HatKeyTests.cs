using System.Text.RegularExpressions;
using Tessera.Cli.Configuration;
using Tessera.Cli.Tests.HatConfigs;
using Tessera.Core;
using Tessera.Data;
using Tessera.Training;

namespace Tessera.Cli.Tests.Configuration;

/// <summary>The keys of HAT's configurations: what they may say, and the answer to anything else.</summary>
public sealed partial class HatKeyTests : IDisposable
{
    private const string Base = "unet_mobilenetv1_cityscapes.yaml", Any = "";

    private readonly ConfigFolder _folder = new();

    // Key, a value that is taken, a value that is not (none where all are), and the answer to it.
    private static readonly (string Key, string Taken, string Refused, string Answer)[] Rows =
    [
        ("model.backbone.num_classes", "-1", Any, ""),
        ("model.backbone.include_top", "False", "true", "can only be false. Tessera always leaves the classifier out"),
        ("model.backbone.flat_output", "false", "true", "Tessera always leaves the classifier out"),
        ("model.backbone.dw_with_relu", "True", "false", "A ReLU always follows"),
        ("model.backbone.dw_with_act", "true", "false", "A ReLU always follows"),
        ("model.neck.act_type", "nn.ReLU", "nn.SiLU", "model.neck.act_type is nn.SiLU; it can only be ReLU. Tessera's activation is always the ReLU"),
        ("model.neck.use_deconv", "false", "true", "Tessera always goes up by bilinear interpolation"),
        ("model.neck.dw_with_act", "true", "1.5", "it must be true or false"),
        ("model.head.in_strides", "[4, 8, 16, 32, 64]", "[4, 8]", "model.head.in_strides is [4, 8]; it can only be [4, 8, 16, 32, 64]. Tessera always takes it from the neck"),
        ("model.head.out_strides", "[4, 8, 16, 32, 64]", "[8]", "it can only be [4, 8, 16, 32, 64]."),
        ("model.head.feat_channels", "[32, 64, 128, 256, 512]", "[16, 32, 64, 128, 256]", "it can only be [32, 64, 128, 256, 512]."),
        ("model.head.stride2channels", "{64: 512, 32: 256, 16: 128, 8: 64, 4: 32}", "{4: 16}", "it can only be {16: 128, 32: 256, 4: 32, 64: 512, 8: 64}."),
        ("model.head.stacked_convs", "0", "1", "Tessera's head is always one 1x1 convolution"),
        ("model.head.argmax_output", "false", "true", "Tessera always trains on logits"),
        ("model.head.dequant_output", "true", "false", "Tessera always trains on real logits"),
        ("model.head.int8_output", "true", "false", "always int8"),
        ("model.head.upscale", "false", "true", "the size of their stride"),
        ("model.head.output_with_bn", "true", "false", "A batch norm always follows"),
        ("model.losses.loss_name", "Focal", Any, ""),
        ("model.losses.num_classes", "19", "18", "it can only be 19. Tessera always takes it from the network."),
        ("model.losses.reduction", "mean", "sum", "Tessera's losses are always means"),
        ("data_loader.type", "torch.utils.data.DataLoader", "MyLoader", "own loader"),
        ("data_loader.sampler", "{type: torch.utils.data.DistributedSampler}", "{type: RandomSampler}", "data_loader.sampler is {type: RandomSampler}; it can only be {type: DistributedSampler}. Tessera always takes each image once"),
        ("data_loader.drop_last", "false", "true", "the last batch"),
        ("data_loader.pin_memory", "true", Any, ""),
        ("data_loader.dataset.transforms", "[{type: torchvision.PILToTensor}]", "[{type: RandomFlip}]", "data_loader.transforms"),
        ("data_loader.dataset.num_samples", "2975", "0", "it must be a whole number from 1 to"),
        ("data_loader.transforms.LabelRemap.mapping", "CITYSCAPES_LABLE_MAPPINGS", "[1, 2]", "as the pack says"),
        ("data_loader.transforms.SegOneHot.num_classes", "19", "20", "it can only be 19"),
        ("data_loader.transforms.SegResize.size", "[1024, 2048]", "[512, 1024]", "is [512, 1024]; it can only be [1024, 2048]. Tessera always prepares images at input_size"),
        ("data_loader.transforms.SegRandomAffine.degrees", "10", "200", "it must be a number from 0 to 180"),
        ("data_loader.transforms.SegRandomAffine.shear", "null", "[1, 2]", "shear_x and shear_y"),
        ("data_loader.transforms.SegRandomAffine.fill", "0", "7", "always black"),
        ("data_loader.transforms.SegRandomAffine.interpolation", "InterpolationMode.BILINEAR", "InterpolationMode.NEAREST", "it can only be bilinear"),
        ("data_loader.transforms.SegRandomAffine.label_fill_value", "-1", "7", "always ignored"),
        ("data_loader.transforms.ImageBgrToYuv444.rgb_input", "true", "false", "always RGB"),
        ("data_loader.transforms.ImageNormalize.interface", "Normalize", "Resize", "it can only be Normalize"),
        ("data_loader.transforms.Scale.scales", "[0.25, 0.125, 0.0625, 0.03125, 0.015625]", "[0.25, 0.125]", "is [0.25, 0.125]; it can only be [0.25, 0.125, 0.0625, 0.03125, 0.015625]."),
        ("data_loader.transforms.Scale.mode", "bilinear", "nearest", "it can only be bilinear"),
        ("batch_processor.type", "MultiBatchProcessor", "Other", "one way to process a batch"),
        ("batch_processor.need_grad_update", "true", "false", "it can only be true"),
        ("batch_processor.enable_amp", "false", "true", "float32"),
        ("batch_processor.loss_collector", "loss_collector", Any, ""),
        ("batch_processor.batch_transforms", "[{type: LabelRemap}, {type: SegOneHot}, {type: SegResize}, {type: BgrToYuv444}, {type: TorchVisionAdapter}, {type: Scale}]", "[{type: LabelRemap}]", "in this order"),
        ("val_batch_processor.need_grad_update", "false", "true", "it can only be false"),
        ("float_trainer.model", "{head: {stacked_convs: 0}}", "{head: {stacked_convs: 2}}", "model.head.stacked_convs is 2"),
        ("float_trainer.data_loader", "{pin_memory: true}", "{batch_size: 0}", "data_loader.batch_size is 0"),
        ("float_trainer.batch_processor", "{need_grad_update: true}", "{need_grad_update: false}", "batch_processor.need_grad_update is false"),
        ("float_trainer.type", "distributed_data_parallel_trainer", "horovod", "one process"),
        ("float_trainer.device", "null", "cuda", "always trains on the CPU"),
        ("float_trainer.stop_by", "epoch", "step", "always counts epochs"),
        ("float_trainer.model_convert_pipeline", "null", "{type: ModelConvertPipeline}", "Tessera always starts float training from weights that `seed` draws."),
        ("float_trainer.train_metrics", "[{type: MeanIOU}]", Any, ""),
        ("float_trainer.val_metrics", "null", Any, ""),
        ("float_trainer.sync_bn", "true", Any, ""),
        ("float_trainer.find_unused_parameters", "false", Any, ""),
        ("float_trainer.optimizer.params", "{weight: {weight_decay: 0.1}}", "{weight: {decay: 0.1}}", "unknown key float_trainer.optimizer.params.weight.decay"),
        ("float_trainer.lr_updater.warmup_len", "5", "-5", "it must be a whole number from 0"),
        ("float_trainer.lr_updater.warmup_by", "epoch", "week", "it must be step or epoch"),
        ("float_trainer.lr_updater.update_by", "epoch", "step", "Tessera always decays by epochs here"),
        ("float_trainer.lr_updater.step_log_interval", "100", Any, ""),
        ("float_trainer.callbacks", "[stat_callback, {type: Checkpoint, save_interval: 1, mode: max}, {type: Validation}]", "[{type: Checkpoint, save_interval: 5}]", "it can only be 1. Tessera always writes the last and the best checkpoint"),
    ];

    public static TheoryData<string> Keys => [.. Rows.Select(row => row.Key)];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_page_has_these_keys_and_no_others()
    {
        string page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Cli.Config("x"))!, "..", "..", "docs", "commands.md"));
        var keys = new List<string>();
        foreach (string row in page.Split("| HAT's key | takes | Tessera |")[1].Split('\n').Skip(2).TakeWhile(line => line.StartsWith('|')))
        {
            string parent = "";
            foreach (Match span in Code().Matches(row.Split('|')[1]))
            {
                string key = span.Groups[1].Value.StartsWith('.') ? parent + span.Groups[1].Value : span.Groups[1].Value;
                parent = key[..key.LastIndexOf('.')];
                keys.Add(key);
            }
        }

        Assert.Equal(Rows.Select(row => row.Key).Order(), keys.Order());
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void What_is_done_anyway_may_be_said_and_anything_else_is_answered(string key)
    {
        (_, string taken, string refused, string answer) = Rows.Single(row => row.Key == key);
        Assert.NotNull(Load(key, taken));
        if (refused == Any)
        {
            Assert.NotNull(Load(key, "17"));
            return;
        }

        string message = Assert.Throws<UsageException>(() => Load(key, refused)).Message;
        Assert.Contains(answer, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void What_HAT_says_is_in_no_resolved_configuration()
    {
        string plain = TesseraConfig.Load(Cli.Config(Base), []).ResolvedYaml;
        string[] other = ["num_samples", "degrees", "params", "batch_transforms", "warmup_len"]; // these do say something
        foreach ((string key, string taken, _, _) in Rows.Where(row => !other.Any(end => row.Key.EndsWith(end, StringComparison.Ordinal))))
        {
            string resolved = Load(key, taken).ResolvedYaml;
            Assert.Equal((key, key.Contains("transforms.", StringComparison.Ordinal) ? Load("data_loader.transforms.SegResize.size", "[1024, 2048]").ResolvedYaml : plain), (key, resolved));
        }
    }

    [Fact]
    public void The_tutorials_configuration_typed_as_YAML_is_the_shipped_one()
    {
        TesseraConfig typed = TesseraConfig.Load(_folder.Write("typed.yaml", HatTutorial.Yaml), []), shipped = TesseraConfig.Load(Cli.Config(Base), []);
        Assert.Equal(NetworkFingerprint.Of(shipped.TrainingGraph()), NetworkFingerprint.Of(typed.TrainingGraph()));
        Assert.Equal(shipped.Model.Loss.Weights.Select(weight => (float)weight), typed.Model.Loss.Weights.Select(weight => (float)weight));
        Assert.Equal(shipped.FloatTrainer.Optimizer, typed.FloatTrainer.Optimizer);
        Assert.Equal(shipped.FloatTrainer.NumEpochs, typed.FloatTrainer.NumEpochs);
        Assert.Equal("200 240 280", string.Join(' ', Assert.IsType<StepDecaySchedule>(typed.FloatTrainer.Schedule).Milestones));
        Assert.Equal(2975, typed.DataLoader.Dataset.NumSamples);
        Assert.False(Assert.IsType<SegRandomAffine>(Assert.Single(typed.DataLoader.Transforms.Augmentations)).PerImage);
        Assert.Equal(typed.ResolvedYaml, TesseraConfig.Load(_folder.Write("again.yaml", typed.ResolvedYaml), []).ResolvedYaml);
    }

    [Fact]
    public void Groups_decide_what_decays_and_the_first_that_fits_counts()
    {
        WeightDecay Decay(string optimizer) => ((SgdOptions)Load("float_trainer.optimizer", optimizer).FloatTrainer.Optimizer).Decay;
        WeightDecay groups = Decay("{params: {neck: {weight_decay: 0.2}, weight: {weight_decay: 0.1}}}");
        Assert.Equal((0.2, 0.2, 0.1, 0.0), (groups.Of("neck.a.weight"), groups.Of("neck.a.bias"), groups.Of("head.weight"), groups.Of("head.bias")));
        Assert.Equal(0.3, Decay("{params: {neck: {weight_decay: 0.2}}, weight_decay: 0.3}").Of("head.bias"));
        Assert.Equal(WeightDecay.OfWeights(0.25), Decay("{weight_decay: 0.25}"));
    }

    [Theory]
    [InlineData("{warmup_len: 5}", "warmup_steps: 5\n    warmup_epochs: 0")]
    [InlineData("{warmup_len: 5, warmup_by: epoch}", "warmup_steps: 0\n    warmup_epochs: 5")]
    public void The_start_is_counted_in_HATs_words(string updater, string expected) => Assert.Contains(expected, Load("float_trainer.lr_updater", updater).ResolvedYaml);

    [Fact]
    public void Degrees_are_the_angle()
    {
        Assert.Contains("angle: [-10, 10]", Load("data_loader.transforms.SegRandomAffine.degrees", "10").ResolvedYaml);
        Assert.Contains("angle: [-5, 20]", Load("data_loader.transforms.SegRandomAffine.degrees", "[-5, 20]").ResolvedYaml);
        Assert.Contains("contradicts angle", Assert.Throws<UsageException>(() => TesseraConfig.Load(Cli.Config(Base), ["data_loader.transforms.2.degrees=10", "data_loader.transforms.2.angle=[0, 5]"])).Message);
    }

    [Theory]
    [InlineData("model: {losses: {gamma: 1}}\nfloat_trainer: {model: {losses: {gamma: 3}}}", "float_trainer.model and model (line 2) are the same thing in Tessera and say different things. Keep one of them.")]
    [InlineData("float_trainer: {callbacks: [{type: PolyLrUpdater}], lr_updater: {type: StepDecayLrUpdater}}", "float_trainer.callbacks and float_trainer.lr_updater (line 2) are the same thing")]
    [InlineData("float_trainer: {callbacks: [stat_calback]}", "float_trainer.callbacks.0 is stat_calback; it must be a map of keys (did you mean stat_callback?).")]
    [InlineData("float_trainer: {callbacks: [{type: Checkpont}]}", "is Checkpont, which is no callback. Did you mean Checkpoint?")]
    [InlineData("model: {neck: {dw_with_act: true, dw_with_relu: false}}", "model.neck.dw_with_act contradicts dw_with_relu")]
    public void What_contradicts_itself_is_named_with_its_line(string yaml, string expected)
    {
        string file = _folder.Write("c.yaml", $"base: {Cli.Config(Base)}\n{yaml}\n");
        Assert.Contains(expected, Assert.Throws<UsageException>(() => TesseraConfig.Load(file, [])).Message);
    }

    [Theory]
    [InlineData("data_loader: {dataset: {type: CityscapesFromLMDB}}")] // the base's data_path stays
    [InlineData("float_trainer: {optimizer: {type: torch.optim.SGD}}")]
    [InlineData("model: {losses: {type: ClassificationFocalLoss}}")]
    public void Another_name_of_the_same_type_keeps_the_keys_below(string yaml)
    {
        string file = _folder.Write("same.yaml", $"base: {Cli.Config(Base)}\n{yaml}\n");
        Assert.Equal(TesseraConfig.Load(Cli.Config(Base), []).ResolvedYaml, TesseraConfig.Load(file, []).ResolvedYaml);
    }

    [Fact]
    public void The_data_of_a_validation_callback_are_the_validation_data()
    {
        string file = _folder.Write("v.yaml", $"base: {Cli.Config(Base)}\nfloat_trainer: {{callbacks: [{{type: Validation, data_loader: {{dataset: {{data_path: elsewhere}}}}}}]}}\n");
        Assert.Equal("elsewhere", TesseraConfig.Load(file, []).ValDataLoader.Dataset.DataPath);
    }

    /// <summary>The Cityscapes configuration with a key in the spelling of the page; a file, because what a file says of HAT's places is moved before it is merged.</summary>
    private TesseraConfig Load(string key, string value)
    {
        string[] parts = key.Split('.'), names = ["LabelRemap", "SegResize", "SegRandomAffine", "ImageBgrToYuv444", "ImageNormalize", "Scale"];
        if (parts is [_, "transforms", var name, var last])
        {
            int at = Array.IndexOf(names, name);
            string item = $"{{type: {(last == "interface" ? "TorchVisionAdapter" : name)}, {last}: {value}}}";
            IEnumerable<string> items = at < 0 ? ["{type: LabelRemap}", item, .. names[1..].Select(other => $"{{type: {other}}}")] : names.Select((other, i) => i == at ? item : $"{{type: {other}}}");
            return TesseraConfig.Load(_folder.Write("key.yaml", $"base: {Cli.Config(Base)}\ndata_loader: {{transforms: [{string.Join(", ", items)}]}}\n"), []);
        }

        string yaml = parts.Reverse().Aggregate(value, (inner, part) => $"{{{part}: {inner}}}");
        return TesseraConfig.Load(_folder.Write("key.yaml", $"base: {Cli.Config(Base)}\n{yaml[1..^1]}\n"), []);
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
