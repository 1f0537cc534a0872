using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.Training;

namespace Tessera.Cli.Tests.Commands;

/// <summary>A run's folder keeps to itself: nothing good is replaced unasked, nothing is continued or used with what it does not belong to.</summary>
public sealed class RunTests(TrainedRun run) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("float")]
    [InlineData("qat")]
    public void A_training_is_not_replaced_unasked(string stage)
    {
        byte[] best = File.ReadAllBytes(run.Checkpoint(stage));
        string message = Fails(3, $"already has checkpoints of stage {stage}", ["train", "--stage", stage, .. run.Config()]);
        Assert.Contains("--resume", message);
        Assert.Contains("--overwrite", message);
        Assert.Equal(best, File.ReadAllBytes(run.Checkpoint(stage)));
    }

    [Fact]
    public void A_training_of_which_only_the_best_is_left_is_not_replaced_either()
    {
        string folder = Copy("float-checkpoint-best.safetensors");
        Fails(3, "already has checkpoints of stage float", ["train", "--stage", "float", .. run.Config("--set", $"ckpt_dir={folder}")]);
        Fails(3, "alone lacks the optimizer's state", ["train", "--stage", "float", "--resume", .. run.Config("--set", $"ckpt_dir={folder}")]);
    }

    [Fact]
    public void Resuming_nothing_is_refused_and_leaves_no_folder()
    {
        string folder = Path.Combine(_folder.Root, "none");
        Fails(3, $"there is no {Path.Combine(folder, "float-checkpoint-last.safetensors")}. Leave --resume out", ["train", "--stage", "float", "--resume", .. run.Config("--set", $"ckpt_dir={folder}")]);
        Assert.False(Directory.Exists(folder));
        Fails(2, "give one of both", ["train", "--stage", "float", "--resume", "--overwrite", .. run.Config()]);
    }

    [Fact]
    public void Resuming_with_other_settings_lists_each_with_both_values()
    {
        string[] changed =
        [
            "--set", "seed=3", "--set", "data_loader.batch_size=2", "--set", "float_trainer.optimizer.lr=0.5", "--set", "float_trainer.lr_updater.lr_decay_factor=0.2", "--set", "model.losses.gamma=1",
            "--set", "data_loader.transforms.2.scale=[0.5, 1.5]", "--set", "input_size=[64, 64]", "--set", $"data_loader.dataset.data_path={Path.Combine(run.Root, "val_lmdb")}",
        ];
        string message = Fails(3, "is of a training that differs", ["train", "--stage", "float", "--resume", .. run.Config(changed)]);
        foreach (string expected in new[]
        {
            "seed: 0 there, 3 now", "data_loader.batch_size: 4 there, 2 now", "float_trainer.optimizer.lr: 0.05 there, 0.5 now", "float_trainer.lr_updater.lr_decay_factor: 0.1 there, 0.2 now",
            "model.losses.gamma: 2 there, 1 now", "data_loader.transforms.SegRandomAffine.scale: [0.5, 2] there, [0.5, 1.5] now", "input_size: [64, 128] there, [64, 64] now",
            "the content of data_loader.dataset.data_path: SHA-256 ", "--allow-changes",
        })
        {
            Assert.Contains(expected, message);
        }
    }

    [Fact]
    public void What_decides_nothing_may_change_on_resume()
    {
        string[] free =
        [
            "--set", "task_name=another", "--set", "data_loader.num_workers=1", "--set", "val_data_loader.batch_size=2", "--set", "qat_trainer.optimizer.lr=0.5", "--set", "calibration_trainer.num_images=9",
            "--set", "compile_cfg.opt=1", "--set", "float_trainer.optimizer.lr=5.0e-2",
        ];
        Cli resumed = Cli.Run(["train", "--stage", "float", "--resume", .. run.Config(free), "--set", $"ckpt_dir={Copy("float-checkpoint-best.safetensors", "float-checkpoint-last.safetensors")}"]);
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        Assert.Contains("No epoch is left to do: 1 are finished. Raise float_trainer.num_epochs", resumed.Output);
    }

    [Fact]
    public void Qat_that_does_not_beat_calibration_says_so_and_leaves_the_calibrated_network()
    {
        string folder = Copy("float-checkpoint-best.safetensors", "calibration-checkpoint-best.safetensors");
        string[] config = run.Config("--set", $"ckpt_dir={folder}", "--set", "qat_trainer.optimizer.lr=1e-12");

        Cli trained = Cli.Run(["train", "--stage", "qat", .. config]);

        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        Assert.Contains("The calibrated network, which QAT has to beat:  val mIoU ", trained.Output);
        Assert.Contains($"QAT did not beat calibration: its best epoch has mIoU ", trained.Output);
        Assert.Contains($"{Path.Combine(folder, "qat-checkpoint-best.safetensors")} therefore holds the calibrated network. Try a smaller rate (--set qat_trainer.optimizer.lr=1E-13; it was 1E-12)", trained.Output);
        Assert.Contains("validation of the calibrated network, the best of this run", trained.Output);
        Cli[] scores = [.. new[] { "calibration", "qat", "int_infer" }.Select(stage => Cli.Run(["predict", "--stage", stage, .. config]))];
        Assert.Equal([0, 0, 0], scores.Select(score => score.ExitCode));
        Assert.Equal(Table(scores[0]), Table(scores[1]));
        Assert.Equal(Table(scores[0]), Table(scores[2]));

        static string Table(Cli score) => string.Join("\n", score.Output.Split('\n').Where(line => line.Contains("mIoU", StringComparison.Ordinal)).Select(line => line.Split("  ")[0]));
    }

    [Fact]
    public void Resuming_qat_with_other_scales_or_biases_is_refused_and_calibrations_keys_count_where_scales_move()
    {
        string folder = Copy("float-checkpoint-best.safetensors", "calibration-checkpoint-best.safetensors", "qat-checkpoint-best.safetensors", "qat-checkpoint-last.safetensors");
        string[] Resume(params string[] set) => ["train", "--stage", "qat", "--resume", .. run.Config(["--set", $"ckpt_dir={folder}", .. set.SelectMany(setting => new[] { "--set", setting })])];
        const string PerTensor = "calibration_trainer.weight_scales=per_tensor", There = "calibration_trainer.weight_scales: per_channel there, per_tensor now";
        string message = Fails(3, "is of a training that differs", Resume("qat_trainer.activation_scales=learned", "qat_trainer.averaging_constant=0.5", "qat_trainer.scale_lr_mult=2", "qat_trainer.bias=float", PerTensor));
        foreach (string expected in new[]
        {
            "qat_trainer.activation_scales: frozen there, learned now", "qat_trainer.averaging_constant: 0.01 there, 0.5 now", "qat_trainer.scale_lr_mult: 1 there, 2 now", "qat_trainer.bias: int32 there, float now", There,
        })
        {
            Assert.Contains(expected, message);
        }

        Assert.DoesNotContain("calibration_trainer", Fails(3, "qat_trainer.bias: int32 there, float now", Resume("qat_trainer.bias=float", PerTensor)));
    }

    [Fact]
    public void Allow_changes_goes_on_knowingly()
    {
        string folder = Copy("float-checkpoint-best.safetensors", "float-checkpoint-last.safetensors");
        Cli resumed = Cli.Run(["train", "--stage", "float", "--resume", "--allow-changes", .. run.Config("--set", "seed=3", "--set", $"ckpt_dir={folder}")]);
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
    }

    [Fact]
    public void A_second_run_in_one_folder_is_refused()
    {
        string folder = Copy();
        using RunLock held = RunLock.Acquire(folder);
        foreach (string stage in new[] { "float", "calibration", "qat" })
        {
            Fails(3, $"Another run works in the folder {folder}: process {Environment.ProcessId} on ", ["train", "--stage", stage, .. run.Config("--set", $"ckpt_dir={folder}")]);
        }
    }

    [Fact]
    public void What_came_from_an_older_float_training_is_noticed()
    {
        string folder = Copy("float-checkpoint-best.safetensors", "calibration-checkpoint-best.safetensors", "qat-checkpoint-best.safetensors");
        string[] config = run.Config("--set", $"ckpt_dir={folder}");
        Assert.Equal("", Cli.Run(["export-onnx", .. config]).Error);
        ChangeWeights(Path.Combine(folder, "float-checkpoint-best.safetensors"));

        string message = Fails(3, "stage float has been trained again since", ["train", "--stage", "qat", "--overwrite", .. config]);
        Assert.Contains("Run `tessera train --stage calibration`.", message);
        Assert.Contains("--allow-changes", message);
        foreach (string[] command in new string[][] { ["predict", "--stage", "calibration"], ["predict", "--stage", "int_infer"], ["compile"], ["export-onnx"] })
        {
            Cli told = Cli.Run([.. command, .. config]);
            Assert.Equal(0, told.ExitCode);
            Assert.Contains("warning: ", told.Error);
            Assert.Contains("stage float has been trained again since", told.Error);
        }

        // Calibrating again mends it, without a flag.
        Cli calibrated = Cli.Run(["train", "--stage", "calibration", .. config]);
        Assert.Equal((0, ""), (calibrated.ExitCode, calibrated.Error));
        Assert.Equal("", Cli.Run(["predict", "--stage", "calibration", .. config]).Error);
        Assert.Contains("Run `tessera train --stage calibration`, then `tessera train --stage qat --overwrite`.", Cli.Run(["export-onnx", .. config]).Error);
    }

    [Fact]
    public void Other_class_names_are_refused_wherever_a_file_meets_a_configuration()
    {
        string[] names = [.. ClassTable.Cityscapes.Classes.Select(entry => entry.Name)];
        (names[0], names[1]) = (names[1], names[0]);
        string classes = _folder.Write("classes.json", $"{{\"classes\": [{string.Join(", ", names.Select(name => $"\"{name}\""))}]}}");
        string[] config = run.Config("--set", $"classes={classes}");
        string image = TinyStreets.ImagePath(run.Streets, "val", 100), target = Path.Combine(_folder.Root, "out");
        foreach (string[] command in new string[][]
        {
            ["predict", "--stage", "float"], ["predict", "--stage", "calibration"], ["predict", "--stage", "qat"], ["predict", "--stage", "int_infer"], ["compile", "--out-dir", target], ["align"],
            ["export-onnx", "--stage", "float", "--out-dir", target], ["export-onnx", "--stage", "int_infer", "--out-dir", target], ["infer", "--model-inputs", $"img:{image}", "--save-path", target],
            ["infer", "--model-inputs", $"img:{image}", "--save-path", target, "--stage", "compiled"], ["bench", "--frames", "1", "--peers", "none"], ["bench", "--artefact", run.Artefact],
            ["train", "--stage", "float", "--resume"], ["train", "--stage", "float", "--resume", "--trust-data"], ["train", "--stage", "calibration", "--trust-data"], ["train", "--stage", "qat", "--overwrite", "--trust-data"],
        })
        {
            Assert.Contains("class 0 is 'road' in", Fails(3, "'sidewalk' in the configuration", [.. command, .. config]));
        }

        Assert.False(Directory.Exists(target));
    }

    [Fact]
    public void A_model_that_was_compiled_from_another_checkpoint_is_noticed()
    {
        string folder = Copy("qat-checkpoint-best.safetensors");
        Directory.CreateDirectory(Path.Combine(folder, "compiled"));
        File.Copy(run.Artefact, Path.Combine(folder, "compiled", "model.tsr"));
        string[] infer = ["infer", "--stage", "compiled", "--model-inputs", $"img:{TinyStreets.ImagePath(run.Streets, "val", 100)}", "--save-path", Path.Combine(_folder.Root, "out"), .. run.Config("--set", $"ckpt_dir={folder}")];
        Assert.Equal("", Cli.Run(infer).Error);
        ChangeWeights(Path.Combine(folder, "qat-checkpoint-best.safetensors"));
        Cli told = Cli.Run(infer);
        Assert.Equal(0, told.ExitCode);
        Assert.Contains("model.tsr was not compiled from", told.Error);
        Assert.Contains("Run `tessera compile` again", told.Error);
    }

    [Fact]
    public void A_pack_of_other_classes_is_refused_by_predict_align_and_data_check_unless_trusted()
    {
        string pack = Path.Combine(_folder.Root, "val_lmdb");
        ClassEntry[] classes = [.. ClassTable.Cityscapes.Classes];
        (classes[0], classes[18]) = (classes[18], classes[0]);
        using (SegmentationDataset source = SegmentationDataset.Open(Path.Combine(run.Root, "val_lmdb")))
        using (var writer = new LmdbPackWriter(pack, LabelEncoding.TrainIds(new ClassTable(classes))))
        {
            SegmentationSample sample = source.Read(0);
            writer.Add(SampleRecord.Encode(sample.Image, sample.Label, sample.Name), sample.Name);
            writer.Complete();
        }

        string[] config = run.Config("--set", $"val_data_loader.dataset.data_path={pack}");
        const string Difference = "class 0 is 'bicycle' in the pack";
        Assert.Contains("--trust-data", Fails(3, Difference, ["predict", "--stage", "float", .. config]));
        Fails(3, Difference, ["align", .. config]);
        Fails(3, Difference, ["train", "--stage", "qat", "--overwrite", .. config]);
        Assert.Contains("The pack has other classes than the configuration: class 0 is 'bicycle'", Cli.Run(["data", "check", .. config, "--set", $"data_loader.dataset.data_path={pack}"]).Output);
        Assert.Equal(0, Cli.Run(["predict", "--stage", "float", "--trust-data", .. config]).ExitCode);
    }

    [Fact]
    public void A_changed_bit_in_a_checkpoint_or_a_record_is_refused()
    {
        string checkpoint = Path.Combine(Copy("float-checkpoint-best.safetensors"), "float-checkpoint-best.safetensors");
        Change(checkpoint, bytes => bytes[^5] ^= 16);
        Fails(3, $"{checkpoint} was changed after it was written", ["predict", "--stage", "float", .. run.Config("--ckpt", checkpoint)]);

        string pack = Path.Combine(_folder.Root, "train_lmdb");
        Directory.CreateDirectory(pack);
        File.Copy(Path.Combine(run.Root, "train_lmdb", "data.mdb"), Path.Combine(pack, "data.mdb"));
        Change(Path.Combine(pack, "data.mdb"), bytes => Array.Fill(bytes, (byte)7, bytes.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[7, 7, 7, 26, 26, 26]), 6));
        string fresh = Path.Combine(_folder.Root, "fresh");
        Fails(3, "is not what was packed", ["train", "--stage", "float", .. run.Config("--set", $"ckpt_dir={fresh}", "--set", $"data_loader.dataset.data_path={pack}")]);
    }

    [Fact]
    public void A_report_that_cannot_be_written_does_not_deny_that_the_model_was_replaced()
    {
        string target = Path.Combine(_folder.Root, "compiled"), report = Path.Combine(target, "model.json");
        Directory.CreateDirectory(Path.Combine(report, "in-the-way"));
        string message = Fails(3, "model.tsr is compiled and written anew, its report is not", ["compile", .. run.Config("--out-dir", target)]);
        Assert.Contains(report, message);
        Assert.DoesNotContain("othing", message);
        Assert.True(File.Exists(Path.Combine(target, "model.tsr")));
    }

    private string Copy(params string[] files)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder.Root, "run")).FullName;
        foreach (string file in files)
        {
            File.Copy(Path.Combine(run.RunFolder, file), Path.Combine(folder, file));
        }

        return folder;
    }

    private static void ChangeWeights(string path)
    {
        SafetensorsFile file = SafetensorsFile.Read(path);
        SafetensorsTensor tensor = file.Tensors.First(candidate => candidate.Name.EndsWith(".weight", StringComparison.Ordinal));
        float[] values = tensor.ToFloats(path);
        values[0] *= 0.5f;
        new SafetensorsFile(file.Tensors.Replace(tensor, SafetensorsTensor.FromFloats(tensor.Name, tensor.Shape, values)), file.Metadata).Write(path);
    }

    private static void Change(string path, Action<byte[]> change)
    {
        byte[] bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    }

    private static string Fails(int exitCode, string message, params string[] arguments)
    {
        Cli failed = Cli.Run(arguments);
        Assert.Equal(exitCode, failed.ExitCode);
        Assert.Contains(message, failed.Error);
        Assert.DoesNotContain("bug in Tessera", failed.Error);
        return failed.Error;
    }
}
