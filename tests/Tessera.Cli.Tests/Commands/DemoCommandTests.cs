using Tessera.Data;

namespace Tessera.Cli.Tests.Commands;

public sealed class DemoCommandTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    private string Out => Path.Combine(_folder.Root, "demo 'a: b'");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_demonstration_runs_the_whole_chain_and_may_be_repeated()
    {
        Cli first = Run();
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Contains("int_infer, compiled, qat (libtorch), integer ONNX (ONNX Runtime): every element of 2 images is equal.", first.Output);
        string[] table = first.Output.Split("validation images of 64x128;")[1].Split('\n');
        Assert.All(new[] { "position alone", "float", "calibration", "qat", "int_infer", "compiled", "integer ONNX" }, stage => Assert.Contains(table, line => line.TrimStart().StartsWith(stage, StringComparison.Ordinal)));
        RgbImage sheet = ImageFile.ReadRgb(Path.Combine(Out, "contact-sheet.png"));
        Assert.Equal(((2 * (128 + 6)) + 6, (3 * (256 + 6)) + 6), (sheet.Height, sheet.Width));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(Out, "pictures"), "*_overlay.png").Length);
        Assert.Equal(4, Directory.GetFiles(Path.Combine(Out, "run"), "*.onnx").Length);

        string left = Path.Combine(Out, "left");
        File.WriteAllText(left, "");
        Cli wrong = Run(val: 0);
        Assert.Equal(2, wrong.ExitCode);
        Assert.True(File.Exists(left), "an error of usage costs an earlier demonstration");
        Cli tooLarge = Run("--set", "input_size=[4160, 64]");
        Assert.Equal(2, tooLarge.ExitCode);
        Assert.Contains("The height of synthetic streets is 4160", tooLarge.Error);
        Assert.False(File.Exists(left), "a new demonstration begins in an empty folder");
    }

    [Fact]
    public void A_folder_of_somebody_else_is_refused()
    {
        string file = Path.Combine(Directory.CreateDirectory(Out).FullName, "mine.txt");
        File.WriteAllText(file, "mine");
        Cli run = Run();
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("is not the folder of an earlier demonstration", run.Error);
        Assert.True(File.Exists(file));
    }

    [Theory]
    [InlineData("seed=3", "--set seed has no effect here: the demonstration takes it from --seed.")]
    [InlineData("val_data_loader.dataset.data_path=x", "--set val_data_loader.dataset.data_path has no effect here: the demonstration takes it from --out.")]
    public void A_key_that_the_demonstration_decides_is_refused(string set, string expected)
    {
        Cli run = Run("--set", set);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.False(Directory.Exists(Out));
    }

    private Cli Run(params string[] more) => Run(2, more);

    private Cli Run(int val, params string[] more) => Cli.Run(
    [
        "demo", "--out", Out, "--num-train", "4", "--num-val", $"{val}", "--set", "input_size=[64, 128]", "--set", "float_trainer.num_epochs=1",
        "--set", "float_trainer.lr_updater.lr_decay_id=[]", "--set", "calibration_trainer.num_images=2", .. more,
    ]);
}
