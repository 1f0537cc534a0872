using Tessera.Cli.Terminal;
using Tessera.Data;
using Tessera.Data.Tests;

namespace Tessera.Cli.Tests.Commands;

/// <summary>What the commands say to wrong checkpoints, packs, artefacts, images and options.</summary>
public sealed partial class BadInputTests(TrainedRun run) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train", "--stage", "int_infer")]
    [InlineData("predict", "--stage", "floot")]
    [InlineData("export-onnx", "--stage", "compiled")]
    public void An_unknown_stage_lists_the_stages(params string[] arguments) =>
        Fails(2, $"--stage is {arguments[2]}; it must be float, ", [.. arguments, .. run.Config()]);

    [Fact]
    public void An_input_size_that_64_does_not_divide_names_the_nearest() =>
        Fails(2, "input_size is [64, 100]; height and width must be divisible by 64 for this network. The nearest size is [64, 128].", ["predict", "--stage", "float", .. run.Config("--set", "input_size=[64, 100]")]);

    [Theory]
    [InlineData("calibration", "float")]
    [InlineData("qat", "calibration")]
    public void A_stage_whose_predecessor_is_missing_names_the_command_that_makes_it(string stage, string before)
    {
        string folder = Path.Combine(_folder.Root, "empty");
        Fails(3, $"Run `tessera train --stage {before}` with this configuration first", ["train", "--stage", stage, .. run.Config("--set", $"ckpt_dir={folder}")]);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void A_missing_pack_leaves_no_run_folder_behind()
    {
        string folder = Path.Combine(_folder.Root, "never");
        Fails(3, "nowhere_lmdb", ["train", "--stage", "float", .. run.Config("--set", $"ckpt_dir={folder}", "--set", "data_loader.dataset.data_path=nowhere_lmdb")]);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void A_truncated_pack_is_named()
    {
        string pack = Path.Combine(_folder.Root, "cut_lmdb");
        Directory.CreateDirectory(pack);
        byte[] bytes = File.ReadAllBytes(Path.Combine(run.Root, "val_lmdb", "data.mdb"));
        File.WriteAllBytes(Path.Combine(pack, "data.mdb"), bytes[..(bytes.Length / 2)]);
        Fails(3, pack, ["predict", "--stage", "float", .. run.Config("--set", $"val_data_loader.dataset.data_path={pack}")]);
    }

    [Fact]
    public void A_checkpoint_of_another_stage_is_refused() =>
        Fails(3, "is a checkpoint of stage float; stage qat is needed here.", ["predict", "--stage", "int_infer", .. run.Config("--ckpt", run.Checkpoint("float"))]);

    [Fact]
    public void A_checkpoint_of_another_network_is_refused()
    {
        string[] other = run.Config("--set", "model.neck.dw_with_relu=false");
        Fails(3, "is a checkpoint of another network than the configuration describes", ["predict", "--stage", "float", .. other]);
        byte[] last = File.ReadAllBytes(Path.Combine(run.RunFolder, "float-checkpoint-last.safetensors"));
        Fails(3, "is a checkpoint of another network than the configuration describes", ["train", "--stage", "float", "--resume", .. other, "--set", "float_trainer.num_epochs=2"]);
        Assert.Equal(last, File.ReadAllBytes(Path.Combine(run.RunFolder, "float-checkpoint-last.safetensors")));
    }

    [Fact]
    public void A_truncated_checkpoint_is_refused()
    {
        string cut = Path.Combine(_folder.Root, "cut.safetensors");
        byte[] bytes = File.ReadAllBytes(run.Checkpoint("float"));
        File.WriteAllBytes(cut, bytes[..(bytes.Length / 2)]);
        Fails(3, cut, ["predict", "--stage", "float", .. run.Config("--ckpt", cut)]);
    }

    [Fact]
    public void A_wrong_eval_size_lists_the_two() =>
        Fails(2, "--eval-size is full; it must be original or input.", ["predict", "--stage", "float", .. run.Config("--eval-size", "full")]);

    [Theory]
    [InlineData("There is no march", "--march", "bernouli2")]
    [InlineData("--opt is \"9\"", "--opt", "9")]
    public void A_wrong_compile_option_is_explained(string expected, params string[] options) => Fails(2, expected, ["compile", .. run.Config(options)]);

    [Fact]
    public void A_missing_or_truncated_artefact_is_bad_data()
    {
        Fails(3, "none.tsr", ["align", .. run.Config("--artefact", "none.tsr")]);
        string cut = Path.Combine(_folder.Root, "cut.tsr");
        File.WriteAllBytes(cut, File.ReadAllBytes(run.Artefact)[..5000]);
        Fails(3, $"{cut} is truncated", ["align", .. run.Config("--artefact", cut)]);
        Fails(3, $"{cut} is truncated", ["infer", .. Infer(TinyStreets.ImagePath(run.Streets, "val", 100)), "--stage", "compiled", .. run.Config("--artefact", cut)]);
    }

    [Fact]
    public void An_artefact_for_another_input_size_is_refused()
    {
        string[] other = run.Config("--set", "input_size=[128, 128]");
        Fails(3, "is of another network or input size: it reads 64x128x3", ["align", .. other]);
        Fails(3, "is compiled for images of 64x128; the configuration's input_size is 128x128.", ["infer", .. Infer(TinyStreets.ImagePath(run.Streets, "val", 100)), "--stage", "compiled", .. other]);
    }

    [Fact]
    public void Images_that_are_missing_unreadable_or_none_are_named()
    {
        string text = _folder.Write("text.png", "no picture");
        Fails(3, text, ["infer", .. Infer(text), .. run.Config()]);
        string large = Path.Combine(_folder.Root, "large.png");
        File.WriteAllBytes(large, RawPng.WithHeader(File.ReadAllBytes(TinyStreets.ImagePath(run.Streets, "val", 100)), 30_000, 30_000));
        Fails(3, $"{large} has 30000x30000 pixels by its header, 900 megapixels; images of up to 100 are read.", ["infer", .. Infer(large), .. run.Config()]);
        Fails(2, "--max-megapixels is 501", ["infer", .. Infer(large), "--max-megapixels", "501", .. run.Config()]);
        Fails(3, "gone.png", ["infer", .. Infer("gone.png"), .. run.Config()]);
        Fails(3, "has no PNG or JPEG image", ["infer", .. Infer(Directory.CreateDirectory(Path.Combine(_folder.Root, "none")).FullName), .. run.Config()]);
        Fails(2, "--model-inputs is street.png; expected img: and a path", ["infer", "--model-inputs", "street.png", "--save-path", _folder.Root, .. run.Config()]);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_bad_data_and_the_message_says_so()
    {
        string file = _folder.Write("a-file", "");
        Fails(3, $"Cannot write {Path.Combine(file, "float.onnx")}", ["export-onnx", "--stage", "float", .. run.Config("--out-dir", file)]);
    }

    [Fact]
    public void HATs_device_ids_are_accepted_with_a_note()
    {
        Cli predicted = Cli.Run(["predict", "--stage", "float", "--device-ids", "0,1", .. run.Config()]);
        Assert.Equal(0, predicted.ExitCode);
        Assert.StartsWith("note: --device-ids 0,1 names GPUs; this program works on the CPU", predicted.Error);
        Fails(2, "--device-ids is cpu; expected ids", ["predict", "--stage", "float", "--device-ids", "cpu", .. run.Config()]);
    }

    [Fact]
    public void A_cancelled_command_ends_with_130_and_leaves_what_was_there()
    {
        byte[] before = File.ReadAllBytes(run.Checkpoint("qat"));
        Cli stopped = Cli.Run(["train", "--stage", "qat", "--overwrite", .. run.Config()], new CancellationToken(canceled: true));
        Assert.Equal(130, stopped.ExitCode);
        Assert.Contains("Interrupted before an epoch was finished, so there is nothing to continue", stopped.Error);
        Assert.DoesNotContain("error:", stopped.Error);
        Assert.Equal(before, File.ReadAllBytes(run.Checkpoint("qat")));
    }

    [Fact]
    public void Pipeline_test_runs_every_stage_in_a_folder_of_its_own()
    {
        byte[] before = File.ReadAllBytes(run.Checkpoint("float"));
        foreach (string stage in new[] { "float", "calibration", "qat" })
        {
            Cli test = Cli.Run(["train", "--stage", stage, "--pipeline-test", .. run.Config()]);
            Assert.True(test.ExitCode == 0, test.Error);
            Assert.True(File.Exists(Path.Combine(run.RunFolder, "pipeline-test", $"{stage}-checkpoint-best.safetensors")));
        }

        Assert.Equal(before, File.ReadAllBytes(run.Checkpoint("float")));
    }

    [Fact]
    public void A_folder_of_images_is_segmented_whole()
    {
        string pictures = Path.Combine(_folder.Root, "pictures");
        Cli result = Cli.Run(["infer", "--model-inputs", $"img:{Path.GetDirectoryName(TinyStreets.ImagePath(run.Streets, "train", 0))}", "--save-path", pictures, .. run.Config()]);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(6, Directory.GetFiles(pictures).Length);
        Assert.Equal((64, 128), (ImageFile.ReadLabel(Directory.GetFiles(pictures, "*_classes.png")[0]).Height, 128));
    }

    [Fact]
    public void Training_goes_on_when_its_log_cannot_be_written()
    {
        string folder = Path.Combine(_folder.Root, "full");
        using var error = new StringWriter();
        using var stream = new SteadyStream(new FullDisk());
        var console = new CommandConsole(new StreamWriter(stream) { AutoFlush = true }, error) { OutputFault = () => stream.Fault };
        Assert.Equal(3, CommandLine.Run(["train", "--stage", "float", .. run.Config("--set", $"ckpt_dir={folder}")], console));
        Assert.Contains("The work is done, but not all of its output could be written to standard output", error.ToString());
        Assert.True(File.Exists(Path.Combine(folder, "float-checkpoint-best.safetensors")));
    }

    private string[] Infer(string image) => ["--model-inputs", $"img:{image}", "--save-path", Path.Combine(_folder.Root, "out")];

    private static void Fails(int exitCode, string expected, params string[] arguments)
    {
        Cli failed = Cli.Run(arguments);
        Assert.Contains(expected, failed.Error);
        Assert.Equal(exitCode, failed.ExitCode);
        Assert.Contains("error: ", failed.Error);
        Assert.DoesNotContain("   at ", failed.Error);
        Assert.DoesNotContain("This is a bug", failed.Error);
    }

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");
    }
}
