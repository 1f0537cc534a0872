using Tessera.Cli.Configuration;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Imaging;
using Tessera.Training;

namespace Tessera.Cli.Tests.Configuration;

public sealed class TesseraConfigTests : IDisposable
{
    private const string CamVid = """{"classes": ["sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist"], "ignore": 255}""";

    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_cityscapes_configuration_holds_the_tutorials_values()
    {
        TesseraConfig config = TesseraConfig.Load(Cli.Config("unet_mobilenetv1_cityscapes.yaml"), []);

        Assert.Equal("runs/unet_mobilenetv1_cityscapes", config.CkptDir);
        Assert.Equal((1024, 2048, 4), (config.InputHeight, config.InputWidth, config.DataLoader.BatchSize));
        Assert.False(Assert.IsType<SegRandomAffine>(Assert.Single(config.DataLoader.Transforms.Augmentations)).PerImage);
        Assert.Equal(YuvSwing.Full, config.DataLoader.Transforms.Swing);
        Assert.Empty(config.ValDataLoader.Transforms.Augmentations);
        Segmentor network = Assert.IsType<Segmentor>(config.Model.Network);
        Assert.Equal((0.25, 2e-5f, 0.1f), (network.Backbone.Alpha, network.Head.Norm.Eps, network.Neck.Norm.Momentum));
        Assert.Equal([256 / 19.0, 128 / 19.0, 64 / 19.0, 32 / 19.0, 16 / 19.0], config.Model.Loss.Weights.AsEnumerable());
        Assert.Equal((300, new SgdOptions { Momentum = 0.9, Decay = WeightDecay.OfWeights(5e-3) }), (config.FloatTrainer.NumEpochs, config.FloatTrainer.Optimizer));
        StepDecaySchedule floating = Assert.IsType<StepDecaySchedule>(config.FloatTrainer.Schedule), qat = Assert.IsType<StepDecaySchedule>(config.QatTrainer.Schedule);
        Assert.Equal((0.01, "200 240 280"), (floating.Initial, string.Join(' ', floating.Milestones)));
        Assert.Equal((30, 2e-4, "20"), (config.QatTrainer.NumEpochs, qat.Initial, string.Join(' ', qat.Milestones)));
        Assert.Equal(1000, config.CalibrationTrainer.NumImages);
        Assert.Equal(Quantization.ObserverKind.Mse, config.CalibrationTrainer.ActivationObserver);
        Assert.Equal(1_380_029, OperationCounts.Of(config.TrainingGraph()).Parameters);
    }

    [Fact]
    public void Every_shipped_configuration_is_valid_and_its_resolved_form_reads_back_the_same()
    {
        string[] files = Directory.GetFiles(Path.GetDirectoryName(Cli.Config("x"))!, "*.yaml");
        Assert.True(files.Length >= 2);
        foreach (string file in files)
        {
            // A data set's own class file comes with its data, which a clone does not have.
            string[] set = file.Contains("camvid", StringComparison.Ordinal) ? [$"classes={_folder.Write("classes.json", CamVid)}"] : [];
            TesseraConfig config = TesseraConfig.Load(file, set);
            TesseraConfig again = TesseraConfig.Load(_folder.Write("resolved.yaml", config.ResolvedYaml), []);
            Assert.Equal(config.ResolvedYaml, again.ResolvedYaml);
            Assert.NotEmpty(DeployGraph.Of(again.TrainingGraph()).Outputs);
        }
    }

    [Theory]
    [InlineData("input_size=[384, 512]", "input_size is [384, 512]; height and width must be one of 256, 512, 1024, 2048 (pyramid_grids [1, 2, 4, 8] divide these by 32 and a power of two) for this network. The nearest size is [256, 512].")]
    [InlineData("model.pyramid_grids=[1, 2, 3, 6]", "model.pyramid_grids is [1, 2, 3, 6]; no map is divided by all of them into windows of a power of two, which int8 needs. Use grids that are powers of two, like 1, 2, 4, 8, or one odd number times powers of two, like 3, 6, 12.")]
    [InlineData("model.num_classes=7", "model.num_classes is 7; the class table 'classes' has 19.")]
    [InlineData("model.auxiliary=false", "model.losses.weight has 3 values and the network has 1 outputs, of stride 8; give one weight for each, in this order.")]
    [InlineData("model.backbone.alpha=0.5", "unknown key model.backbone. The keys here are type, num_classes, pyramid_grids, dw_with_relu, auxiliary, bn_kwargs, losses.")]
    public void What_contradicts_itself_in_fast_scnns_configuration_is_one_clear_error(string set, string message)
    {
        string fault = Assert.Throws<UsageException>(() => TesseraConfig.Load(Cli.Config("fast_scnn_cityscapes.yaml"), [set])).Message;
        Assert.EndsWith($": {message}", fault);
    }

    [Fact]
    public void Names_that_HATs_configurations_use_are_accepted()
    {
        TesseraConfig config = TesseraConfig.Load(
            Cli.Config("unet_mobilenetv1_cityscapes.yaml"),
            ["model.losses={type: ClassificationFocalLoss, gamma: 3}", "data_loader.dataset={type: CityscapesFromLMDB, data_path: d}", "data_loader.transforms.3.type=BgrToYuv444"]);
        Assert.Equal(3, Assert.IsType<FocalLossOptions>(config.Model.Loss).Gamma);
        Assert.Contains("type: SoftmaxFocalLoss", config.ResolvedYaml);
    }

    [Theory]
    [InlineData("task_nam=x", "unknown key task_nam. Did you mean task_name?")]
    [InlineData("model.bn_kwargs.esp=1", "unknown key model.bn_kwargs.esp. Did you mean model.bn_kwargs.eps?")]
    [InlineData("backbone.alpha=0.5", "unknown key backbone. Did you mean model.backbone?")]
    [InlineData("data_loader.transforms.2.zoom=1", "unknown key data_loader.transforms.2.zoom.")]
    [InlineData("model.backbone.type=MobileNetV2", "model.backbone.type is MobileNetV2, which is no backbone. Did you mean MobileNetV1?")]
    [InlineData("data_loader.transforms.2.type=RandomFlip", "which is no transform.")]
    [InlineData("float_trainer.num_epochs=many", "float_trainer.num_epochs is many; it must be a whole number from 1 to 100000.")]
    [InlineData("float_trainer.num_epochs=0", "float_trainer.num_epochs is 0; it must be")]
    [InlineData("float_trainer.optimizer.lr=nan", "float_trainer.optimizer.lr is nan; it must be a number")]
    [InlineData("float_trainer.optimizer=[1]", "float_trainer.optimizer is [1]; it must be a map of keys.")]
    [InlineData("float_trainer.lr_updater.lr_decay_id=[9, 3]", "float_trainer.lr_updater.lr_decay_id is [9, 3]; the epochs must ascend.")]
    [InlineData("data_loader.shuffle=maybe", "data_loader.shuffle is maybe; it must be true or false.")]
    [InlineData("float_trainer.optimizer.lr=0", "float_trainer.optimizer.lr is 0; it must be a number greater than 0 and at most 1000.")]
    [InlineData("float_trainer.optimizer.momentum=1", "float_trainer.optimizer.momentum is 1; it must be a number from 0 to 0.9999.")]
    [InlineData("model.bn_kwargs.eps=0", "model.bn_kwargs.eps is 0; it must be a number from 1e-12 to 1.")]
    [InlineData("ckpt_dir=\"a\\0b\"", "it must be a text without line breaks and other control characters.")]
    [InlineData("data_loader.transforms.5=3", "data_loader.transforms.5 is 3; it must be a map of keys.")]
    [InlineData("data_loader.transforms=[{type: LabelRemap}]", "data_loader.transforms are LabelRemap; they must be LabelRemap, SegResize, ImageBgrToYuv444, ImageNormalize, Scale, in this order.")]
    [InlineData("data_loader.transforms.4.mean=127", "data_loader.transforms.4.mean is 127; it must be 128.")]
    [InlineData("data_loader.transforms.3.swing=half", "data_loader.transforms.3.swing is half; it must be full or studio_subsampled.")]
    [InlineData("data_loader.batch_size=342", "data_loader.batch_size is 342; a batch of images of input_size [1024, 2048] has at most 341.")]
    [InlineData("val_data_loader.batch_size=1024", "val_data_loader.batch_size is 1024; a batch of images of input_size [1024, 2048] has at most 341.")]
    [InlineData("input_size=[0, 2048]", "input_size")]
    [InlineData("input_size=[1000, 2048]", "input_size is [1000, 2048]; height and width must be divisible by 64 for this network. The nearest size is [1024, 2048].")]
    [InlineData("model.losses.weight=[1, 2]", "model.losses.weight has 2 values and the network has 5 outputs, of stride 4, 8, 16, 32, 64; give one weight for each")]
    [InlineData("model.head.num_classes=12", "is 12; the class table 'classes' has 19.")]
    [InlineData("model.head.num_classes=1", "model.head.num_classes is 1; it must be a whole number from 2 to 255.")]
    [InlineData("model.losses.alpha=0", "model.losses.alpha is 0; it must be above 0")]
    [InlineData("model.losses.alpha=x", "model.losses.alpha is x; it must be a number")]
    [InlineData("model.losses.weight=[0, 0, 0, 0, 0]", "model.losses.weight is [0, 0, 0, 0, 0]; at least one weight must be above 0")]
    [InlineData("model.bn_kwargs.momentum=0", "model.bn_kwargs.momentum is 0; it must be above 0")]
    [InlineData("model.neck.bn_kwargs.momentum=0", "model.neck.bn_kwargs.momentum is 0; it must be above 0")]
    [InlineData("model.neck.base_channels=16", "model.neck.base_channels is 16, which needs 32 channels at stride 2; the backbone gives 16. Set base_channels to 32 x backbone.alpha.")]
    [InlineData("model.neck.output_scales=[4, 128]", "model.neck.output_scales is [4, 128]; it must hold some of the strides 2, 4, 8, 16, 32, 64, each once.")]
    [InlineData("model.head.num_classes=x", "model.head.num_classes is x; it must be a whole number")]
    [InlineData("compile_cfg.march=bayess", "compile_cfg.march is bayess. There is no march \"bayess\". Did you mean bayes?")]
    [InlineData("compile_cfg.opt=3", "compile_cfg.opt is 3; it must be a whole number from 0 to 2.")]
    [InlineData("data_loader.transforms=[]", "data_loader.transforms are not given; they must be LabelRemap")]
    [InlineData("task_name=", "task_name is empty; it must be a text.")]
    public void A_wrong_value_gives_a_message_with_key_value_and_remedy(string text, string expected)
    {
        string message = Assert.Throws<UsageException>(() => TesseraConfig.Load(Cli.Config("unet_mobilenetv1_cityscapes.yaml"), [text])).Message;
        Assert.Contains(expected, message);
        Assert.StartsWith($"--set {text}: ", message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("True", "true")]
    [InlineData("yes", "true")]
    [InlineData("ON", "true")]
    [InlineData("FALSE", "false")]
    [InlineData("Off", "false")]
    [InlineData("no", "false")]
    public void Every_spelling_of_true_and_false_is_read_and_resolved(string written, string resolved)
    {
        TesseraConfig config = TesseraConfig.Load(Cli.Config("unet_mobilenetv1_cityscapes.yaml"), [$"data_loader.shuffle={written}"]);
        Assert.Equal(resolved == "true", config.DataLoader.Shuffle);
        Assert.Contains($"  shuffle: {resolved}\n", config.ResolvedYaml);
    }

    [Fact]
    public void Every_problem_of_a_file_is_reported_with_its_own_line()
    {
        string file = _folder.Write("c.yaml", $"base: {Cli.Config("unet_mobilenetv1_cityscapes.yaml")}\nseed: -1\ndata_loader:\n  batchsize: 2\n");
        string[] lines = Assert.Throws<UsageException>(() => TesseraConfig.Load(file, [])).Message.Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"c\.yaml:4: unknown key data_loader\.batchsize\. Did you mean data_loader\.batch_size\?", lines[0]);
        Assert.Matches(@"c\.yaml:2: seed is -1; it must be a whole number of at least 0", lines[1]);
    }

    [Fact]
    public void A_missing_key_is_named_with_what_it_must_be()
    {
        string message = Assert.Throws<UsageException>(() => TesseraConfig.Load(_folder.Write("c.yaml", "task_name: x\n"), [])).Message;
        Assert.Contains("key input_size is missing; it must be a list of 2 whole numbers", message);
        Assert.Contains("key data_loader.dataset.data_path is missing; it must be a text.", message);
    }
}
