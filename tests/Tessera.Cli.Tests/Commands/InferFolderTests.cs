using Tessera.Data;

namespace Tessera.Cli.Tests.Commands;

/// <summary><c>infer</c> over folders as they are in the world.</summary>
public sealed class InferFolderTests : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TrainedRun _run;
    private readonly ConfigFolder _folder = new();

    public InferFolderTests(TrainedRun run)
    {
        _run = run;
        Directory.CreateDirectory(Images);
    }

    private string Images => Path.Combine(_folder.Root, "images");

    private string Out => Path.Combine(_folder.Root, "out");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Images_with_one_name_have_results_of_their_own()
    {
        Picture("a.png", "a.jpg", "a.jpeg", "b.PNG");
        Cli run = Infer();
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"4 images in {Out}: ", run.Output);
        Assert.Equal(Results("a_jpeg", "a_jpg", "a_png", "b"), Below(Out));
    }

    [Fact]
    public void Names_that_differ_in_case_only_are_refused_before_anything_is_written()
    {
        Picture("a.png", "a.PNG", "b.png");
        Cli run = Infer();
        Assert.Equal(3, run.ExitCode);
        Assert.Contains($"The images {Path.Combine(Images, "a.PNG")} and {Path.Combine(Images, "a.png")} would have the same results", run.Error);
        Assert.False(Directory.Exists(Out));
    }

    [Fact]
    public void A_bad_file_is_named_and_the_others_are_done()
    {
        Picture("a.png", "b.png", "c.png");
        File.WriteAllBytes(Path.Combine(Images, "b.png"), File.ReadAllBytes(Path.Combine(Images, "b.png"))[..^30]);
        File.CreateSymbolicLink(Path.Combine(Images, "gone.png"), "nowhere");
        Cli run = Infer();
        Assert.Equal(3, run.ExitCode);
        Assert.Equal(Results("a", "c"), Below(Out));
        string[] errors = run.Error.TrimEnd('\n').Split('\n');
        Assert.Equal(3, errors.Length);
        Assert.Equal($"error: {Path.Combine(Images, "gone.png")} is a link whose target does not exist. Mend or remove the link.", errors[0]);
        Assert.Contains(Path.Combine(Images, "b.png"), errors[1]);
        Assert.Equal($"error: 2 of 4 inputs could not be segmented; each is named above. The results of the other 2 are in {Out}.", errors[2]);
    }

    [Fact]
    public void An_image_whose_results_cannot_have_its_name_is_named_and_the_others_are_done()
    {
        string name = new('n', 246);
        Picture("a.png", "b.png", "z.png");
        File.Move(Path.Combine(Images, "b.png"), Path.Combine(Images, $"{name}.png"));
        Cli run = Infer();
        Assert.Equal(3, run.ExitCode);
        Assert.Equal(Results("a", "z"), Below(Out));
        Assert.Contains($"error: {Path.Combine(Images, name)}.png has a name to which _classes.png cannot be appended: file names have at most 255 bytes. Shorten it.\n", run.Error);
        Assert.Contains("1 of 3 inputs could not be segmented", run.Error);
    }

    [Fact]
    public void Folders_below_are_searched_once_and_kept()
    {
        Picture("ulm/a.png", "bonn/x/a.JPG", "b.png");
        File.CreateSymbolicLink(Path.Combine(Images, "again"), ".");
        File.WriteAllText(Path.Combine(Images, "ulm", "._a.png"), "AppleDouble");
        Cli run = Infer();
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(Results("b", "bonn/x/a", "ulm/a"), Below(Out));
        Assert.Equal(
            $"note: 1 hidden or side entry skipped: {Path.Combine(Images, "ulm", "._a.png")}\nnote: 1 link to a folder that is listed already skipped: {Path.Combine(Images, "again")}\n", run.Error);
    }

    [Fact]
    public void Results_in_a_folder_below_the_images_are_no_inputs_of_the_next_run()
    {
        Picture("a.png", "x/b.png");
        string inside = Path.Combine(Images, "out");
        for (int i = 0; i < 2; i++)
        {
            Cli run = Infer(inside);
            Assert.Equal((0, i == 0 ? "" : $"note: 6 results of an earlier run in {inside} are no inputs\n"), (run.ExitCode, run.Error));
            Assert.Equal(Results("a", "x/b"), Below(inside));
        }
    }

    [Theory]
    [InlineData("images")]
    [InlineData("images/../images")]
    [InlineData("link")]
    public void Results_among_the_images_are_refused(string save)
    {
        Picture("a.png");
        File.CreateSymbolicLink(Path.Combine(_folder.Root, "link"), "images");
        Cli run = Infer(Path.Combine(_folder.Root, save));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("among the images; the next run would take them for images. Give a folder of its own.", run.Error);
        Assert.Equal(["a.png"], Below(Images));
    }

    [Fact]
    public void A_folder_of_the_results_above_the_images_may_not_write_into_them()
    {
        Picture("images/a.png", "b.png");
        Cli run = Infer(_folder.Root);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"would put results into {Path.Combine(_folder.Root, "images")}, among the images", run.Error);
    }

    [Fact]
    public void A_save_path_that_is_a_file_is_one_clear_error()
    {
        Picture("a.png");
        string file = _folder.Write("file", "");
        Cli run = Infer(file);
        Assert.Equal(3, run.ExitCode);
        Assert.StartsWith($"error: Cannot write to --save-path {file}: ", run.Error);
        Assert.Contains("Give another folder.", run.Error);
    }

    [Fact]
    public void A_folder_without_images_says_what_was_looked_for()
    {
        _folder.Write("images/x/notes.txt", "");
        Cli run = Infer();
        Assert.Equal(3, run.ExitCode);
        Assert.Contains($"The folder {Images} has no PNG or JPEG image, and the folders below it have none (1 other file). Give another folder, or one image.", run.Error);
    }

    [Theory]
    [InlineData("--ckpt is not read by --stage compiled, which runs the artefact", "--stage", "compiled", "--ckpt", "x")]
    [InlineData("--artefact is not read by --stage int_infer, which runs a checkpoint", "--artefact", "x")]
    [InlineData("--artefact is not read by --stage float, which runs a checkpoint", "--stage", "float", "--artefact", "x")]
    public void An_option_that_the_stage_does_not_use_is_refused(string expected, params string[] options)
    {
        Cli run = Cli.Run(["infer", "--model-inputs", $"img:{Images}", "--save-path", Out, .. options, .. _run.Config()]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
    }

    private static string[] Results(params string[] names) => [.. names.SelectMany(name => new[] { $"{name}_classes.png", $"{name}_color.png", $"{name}_overlay.png" })];

    private static string[] Below(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];

    private Cli Infer(string? save = null) => Cli.Run(["infer", "--model-inputs", $"img:{Images}", "--save-path", save ?? Out, .. _run.Config()]);

    private void Picture(params string[] files)
    {
        foreach (string file in files)
        {
            ImageFile.WriteRgb(Path.Combine(Images, file), new RgbImage(new byte[64 * 64 * 3], 64, 64));
        }
    }
}
