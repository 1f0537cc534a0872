using Tessera.Cli.Configuration;
using Tessera.Cli.HatConfigs;
using Tessera.Training;

namespace Tessera.Cli.Tests.HatConfigs;

/// <summary>HAT's files become configurations, and what does not is named.</summary>
public sealed class HatImportTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_tutorials_file_is_the_shipped_configuration()
    {
        string yaml = Path.Combine(_folder.Root, "made.yaml");
        Cli run = Cli.Run("config", "import", Python(HatTutorial.Python(1024, 2048)), "-o", yaml);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(4, run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length); // TensorBoard, and the three sections that it has not
        Assert.Contains("there is no val_data_loader; its pack is taken to be data/cityscapes/val_lmdb.", run.Error);

        TesseraConfig made = TesseraConfig.Load(yaml, []), shipped = TesseraConfig.Load(Cli.Config("unet_mobilenetv1_cityscapes.yaml"), []);
        Assert.Equal(NetworkFingerprint.Of(shipped.TrainingGraph()), NetworkFingerprint.Of(made.TrainingGraph()));
        Assert.Equal(shipped.Model.Loss.Weights.AsEnumerable(), made.Model.Loss.Weights);
        Assert.Equal(shipped.FloatTrainer.Optimizer, made.FloatTrainer.Optimizer);
        Assert.Equal((shipped.FloatTrainer.NumEpochs, shipped.InputHeight, shipped.InputWidth, shipped.TaskName), (made.FloatTrainer.NumEpochs, made.InputHeight, made.InputWidth, made.TaskName));
        Assert.Equal(("data/cityscapes/train_lmdb", 4, 2, 2975), (made.DataLoader.Dataset.DataPath, made.DataLoader.BatchSize, made.DataLoader.NumWorkers, made.DataLoader.Dataset.NumSamples));
        Assert.Equal("200 240 280", string.Join(' ', Assert.IsType<StepDecaySchedule>(made.FloatTrainer.Schedule).Milestones));
        Assert.False(Assert.Single(made.DataLoader.Transforms.Augmentations).PerImage);

        Cli again = Cli.Run("config", "import", Python(HatTutorial.Python(1024, 2048)), "-o", yaml);
        Assert.Equal((2, true), (again.ExitCode, again.Error.Contains("exists already", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_stage_of_the_file_is_taken()
    {
        HatImport import = HatImport.Read(Python(HatTutorial.Python(512, 1024) + "\n" + HatTutorial.OtherStages));
        TesseraConfig made = Load(import);
        Assert.Equal((512, 1024), (made.InputHeight, made.InputWidth));
        Assert.Equal(("data/cityscapes/val_lmdb", 2, false), (made.ValDataLoader.Dataset.DataPath, made.ValDataLoader.BatchSize, made.ValDataLoader.Shuffle));
        Assert.Equal(1000, made.CalibrationTrainer.NumImages);
        Assert.Equal(new SgdOptions { Momentum = 0.8, Decay = WeightDecay.OfWeights(1e-3) }, made.QatTrainer.Optimizer);
        Assert.Equal((20, 2e-4), (made.QatTrainer.NumEpochs, made.QatTrainer.Rate));
        Assert.Equal("nash-e", made.Compile.March);
        Assert.Contains(import.Remarks, remark => remark.Contains("val_batch_processor.batch_transforms is left out: a comprehension is not computed", StringComparison.Ordinal));
        Assert.Contains(import.Remarks, remark => remark.Contains("qat_trainer.model_convert_pipeline is {qat_mode: fuse_bn, type: ModelConvertPipeline}; it can only be null. Tessera always starts QAT from the run's calibration", StringComparison.Ordinal));
        Assert.Contains(import.Remarks, remark => remark.Contains("float_predictor: Tessera's commands take what they need", StringComparison.Ordinal));
        Assert.All(import.Remarks, remark => Assert.Contains(remark.ReplaceLineEndings(" "), import.Yaml));
    }

    [Theory]
    [InlineData("use_deconv=False", "use_deconv=True", "model.neck.use_deconv is true; it can only be false. Tessera always goes up by bilinear interpolation; HAT, too, refuses true here. It is left out.")]
    [InlineData("sync_bn=True", "sync_bn=True, wonder=3", "unknown key float_trainer.wonder.")]
    [InlineData("reduction=\"mean\"", "reduction=pick()", "model.losses.reduction is left out: a call of pick is not computed.")]
    [InlineData("num_epochs=300", "num_epochs=\"many\"", "float_trainer.num_epochs is many; it must be a whole number")]
    [InlineData("ckpt_callback,", "my_hook,", "float_trainer.callbacks.7 is my_hook; it must be a map of keys")]
    public void What_cannot_be_taken_over_is_named_with_its_line(string text, string with, string expected)
    {
        HatImport import = HatImport.Read(Python(HatTutorial.Python(1024, 2048).Replace(text, with, StringComparison.Ordinal)));
        Assert.Single(import.Remarks, remark => remark.Contains(expected, StringComparison.Ordinal) && remark.Contains("hat.py:", StringComparison.Ordinal));
        Assert.Equal(300, Load(import).FloatTrainer.NumEpochs);
    }

    [Fact]
    public void Several_wrong_things_in_one_list_are_left_out_and_nothing_else()
    {
        string text = HatTutorial.Python(1024, 2048)
            .Replace("        metric_updater,\n", "        first_hook,\n", StringComparison.Ordinal)
            .Replace("ckpt_callback,", "ckpt_callback, stat_callback, stat_callback, stat_callback, second_hook, stat_callback,", StringComparison.Ordinal)
            .Replace("sync_bn=True", "sync_bn=True, **{\"a.b\": 1}", StringComparison.Ordinal);
        string[] wrong = [.. HatImport.Read(Python(text)).Remarks.Where(remark => remark.EndsWith(" It is left out.", StringComparison.Ordinal))];
        Assert.Equal(3, wrong.Length);
        foreach (string part in new[] { "callbacks.1 is first_hook", "callbacks.11 is second_hook", "unknown key float_trainer.a.b" })
        {
            Assert.Contains(wrong, remark => remark.Contains(part, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("", "a HAT configuration is a Python file.")]
    [InlineData("x = '\u0007'", "the character U+0007 stands there")]
    public void What_is_no_text_is_refused(string text, string expected)
    {
        Cli run = Cli.Run("config", "import", Python(text));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.Contains("name the Python file in it", Cli.Run("config", "import", _folder.Root).Error);
    }

    [Fact]
    public void The_blocks_alone_without_the_names_that_they_use_give_the_tutorials_configuration_with_notes()
    {
        string whole = HatTutorial.Python(1024, 2048), blocks = whole[whole.IndexOf("model = {", StringComparison.Ordinal)..];
        HatImport import = HatImport.Read(Python(blocks));
        TesseraConfig made = Load(import), shipped = TesseraConfig.Load(Cli.Config("unet_mobilenetv1_cityscapes.yaml"), []);
        Assert.Equal(NetworkFingerprint.Of(shipped.TrainingGraph()), NetworkFingerprint.Of(made.TrainingGraph()));
        Assert.Equal((shipped.DataLoader.Dataset.DataPath, shipped.DataLoader.BatchSize, shipped.InputWidth), (made.DataLoader.Dataset.DataPath, made.DataLoader.BatchSize, made.InputWidth));
        foreach (string key in new[] { "data_loader.dataset.data_path is left out: a call of os.path.join is not computed", "data_loader.batch_size is images_per_gpu; it must be a whole number" })
        {
            Assert.Contains(import.Remarks, remark => remark.Contains(key, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("x = 1", "the file defines no training: a dict float_trainer with model and data_loader")]
    [InlineData("model = dict(type='EncoderDecoder')\ndata_loader = dict()", "hat.py:1: model.type is EncoderDecoder, which is no model.")]
    [InlineData("model = dict(type='Segmentor', backbone=dict(type='ResNet50'))\ndata_loader = dict()", "hat.py:1: model.backbone.type is ResNet50, which is no backbone.")]
    [InlineData("model = dict(", "hat.py:1:13: the ( is never closed.")]
    public void What_is_no_training_of_these_networks_is_refused(string text, string expected)
    {
        Cli run = Cli.Run("config", "import", Python(text));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(expected, run.Error);
    }

    [Fact]
    public void What_HAT_does_unasked_is_written_out()
    {
        string text = HatTutorial.Python(1024, 2048)
            .Replace(", params={\"weight\": dict(weight_decay=5e-3)}, lr=0.01, momentum=0.9", ", lr=0.01, weight_decay=0.5", StringComparison.Ordinal)
            .Replace("dict(type=\"StepDecayLrUpdater\", lr_decay_id=[200, 240, 280], lr_decay_factor=0.1),", "", StringComparison.Ordinal);
        TrainerConfig trainer = Load(HatImport.Read(Python(text))).FloatTrainer;
        SgdOptions sgd = Assert.IsType<SgdOptions>(trainer.Optimizer);
        Assert.Equal((0.0, 0.5, 0.5), (sgd.Momentum, sgd.Decay.Of("a.weight"), sgd.Decay.Of("a.bias")));
        Assert.Empty(Assert.IsType<StepDecaySchedule>(trainer.Schedule).Milestones);
    }

    [Fact]
    public void A_Python_file_as_configuration_is_answered_with_the_command()
    {
        Cli run = Cli.Run("config", "-c", Python("x = 1"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("hat.py is a Python file. `tessera config import ", run.Error);
    }

    [Fact]
    public void The_imported_file_trains_in_every_stage()
    {
        string streets = Path.Combine(_folder.Root, "streets"), yaml = Path.Combine(_folder.Root, "made.yaml");
        TinyStreets.Write(streets, train: 4, val: 2);
        foreach (string split in new[] { "train", "val" })
        {
            Assert.Equal(0, Cli.Run("pack", "--src-data-dir", streets, "--target-data-dir", _folder.Root, "--split-name", split, "--pack-type", "lmdb").ExitCode);
        }

        string text = HatTutorial.Python(64, 128).Replace("1 / 4", "1 / 32", StringComparison.Ordinal).Replace("2 ** 3", "1", StringComparison.Ordinal)
            .Replace("{4: 32, 8: 64, 16: 128, 32: 256, 64: 512}", "{4: 4, 8: 8, 16: 16, 32: 32, 64: 64}", StringComparison.Ordinal).Replace("8 * np.array", "np.array", StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run("config", "import", Python(text), "-o", yaml).ExitCode);
        string[] data = ["--opts", "ckpt_dir", Path.Combine(_folder.Root, "run"), "float_trainer.data_loader.dataset.data_path", Path.Combine(_folder.Root, "train_lmdb"), "val_data_loader.dataset.data_path", Path.Combine(_folder.Root, "val_lmdb")];
        foreach (string stage in new[] { "float", "calibration", "qat" })
        {
            Cli run = Cli.Run(["train", "--stage", stage, "--pipeline-test", "--launcher", "mpi", "--device-ids", "0,1", "-c", yaml, .. data]);
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Contains("note: data_loader.dataset.num_samples is 2975, and the pack ", run.Error);
            Assert.Contains("note: --launcher mpi starts several processes in HAT; this program works in one. Start it without mpirun", run.Error);
        }

        Cli export = Cli.Run(["export-onnx", "--stage", "calibration", "-c", yaml, "--set", $"ckpt_dir={Path.Combine(_folder.Root, "run", "pipeline-test")}"]);
        Assert.True(export.ExitCode == 0, export.Error);
        Assert.True(File.Exists(Path.Combine(_folder.Root, "run", "pipeline-test", "calibration.onnx")));
    }

    [Theory]
    [InlineData(new[] { "--opts", "seed", "7", "float_trainer.num_epochs", "3" }, "seed: 7")]
    [InlineData(new[] { "--opts", "data_loader.shuffle", "False" }, "shuffle: false")]
    public void HATs_opts_change_keys(string[] options, string expected) => Assert.Contains(expected, Cli.Run(["config", "-c", Cli.Config("unet_mobilenetv1_cityscapes.yaml"), .. options]).Output);

    [Theory]
    [InlineData(new[] { "config", "--opts", "seed" }, "--opts has 1 words; it takes keys and values in turn")]
    [InlineData(new[] { "train", "--stage", "float", "--launcher", "slurm" }, "--launcher is slurm; it must be torch or mpi.")]
    public void Wrong_options_of_HATs_are_answered(string[] arguments, string expected)
    {
        Cli run = Cli.Run([.. arguments, "-c", Cli.Config("unet_mobilenetv1_cityscapes.yaml")]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
    }

    private string Python(string text) => _folder.Write("hat.py", text);

    private TesseraConfig Load(HatImport import) => TesseraConfig.Load(_folder.Write("made.yaml", import.Yaml), []);
}
