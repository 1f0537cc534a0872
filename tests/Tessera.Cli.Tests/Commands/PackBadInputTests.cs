using Tessera.Data.Tests;

namespace Tessera.Cli.Tests.Commands;

public sealed class PackBadInputTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public PackBadInputTests() => TinyStreets.Write(_folder.Root, train: 2, val: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_image_without_its_label_is_named()
    {
        string label = TinyStreets.LabelPath(_folder.Root, "train", 1);
        File.Delete(label);
        Fails(3, "town_000000_000001");
    }

    [Fact]
    public void A_label_without_its_image_is_named()
    {
        File.Delete(TinyStreets.ImagePath(_folder.Root, "train", 1));
        Fails(3, "town_000000_000001");
    }

    [Fact]
    public void A_truncated_image_is_named()
    {
        string image = TinyStreets.ImagePath(_folder.Root, "train", 0);
        File.WriteAllBytes(image, File.ReadAllBytes(image)[..2000]);
        Fails(3, image);
    }

    [Fact]
    public void A_label_value_outside_the_table_is_named_with_its_file()
    {
        string label = TinyStreets.LabelPath(_folder.Root, "train", 0);
        Data.LabelImage image = Data.ImageFile.ReadLabel(label);
        image.Values[^1] = 77;
        Data.ImageFile.WriteGray(label, image);
        Cli run = Fails(3, label);
        Assert.Contains("77", run.Error);
    }

    [Theory]
    [InlineData(2, "The pack type 'mxrecord' does not exist; use lmdb.", "--pack-type", "mxrecord")]
    [InlineData(2, "trian", "--pack-type", "lmdb", "--split-name", "trian")]
    [InlineData(2, "The number of samples is 0", "--pack-type", "lmdb", "--num-samples", "0")]
    [InlineData(2, "Option '--pack-type' is required.")]
    [InlineData(2, "many", "--pack-type", "lmdb", "--num-workers", "many")]
    public void A_wrong_option_is_an_error_of_usage(int exitCode, string expected, params string[] options)
    {
        Cli run = Cli.Run(["pack", "--src-data-dir", _folder.Root, .. options]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(expected, run.Error);
    }

    [Fact]
    public void An_image_that_claims_60000_by_60000_pixels_is_named_by_pack_and_check()
    {
        string image = TinyStreets.ImagePath(_folder.Root, "train", 0);
        File.WriteAllBytes(image, RawPng.WithHeader(File.ReadAllBytes(image), 60_000, 60_000));
        Assert.Contains("60000x60000", Fails(3, image).Error);
        Cli check = Cli.Run("data", "check", "--src-data-dir", _folder.Root);
        Assert.Equal(4, check.ExitCode);
        Assert.Contains($"{image} has 60000x60000 pixels by its header", check.Output);
    }

    [Theory]
    [InlineData("pack", "--pack-type", "lmdb")]
    [InlineData("data", "check")]
    public void The_pixel_limit_can_be_lowered_and_must_be_a_possible_one(params string[] command)
    {
        string image = TinyStreets.ImagePath(_folder.Root, "train", 0);
        Data.ImageFile.WriteRgb(image, new Data.RgbImage(new byte[1001 * 1000 * 3], 1001, 1000));
        Data.ImageFile.WriteGray(TinyStreets.LabelPath(_folder.Root, "train", 0), new Data.LabelImage([.. Enumerable.Repeat((byte)7, 1001 * 1000)], 1001, 1000));
        string[] run = [.. command, "--src-data-dir", _folder.Root, "--max-megapixels"];
        Cli tooLarge = Cli.Run([.. run, "1"]);
        Assert.Contains(tooLarge.ExitCode, new[] { 3, 4 });
        Assert.Contains("raise the limit with --max-megapixels", tooLarge.Error);
        Assert.Equal(0, Cli.Run([.. run, "2"]).ExitCode);
        Cli wrong = Cli.Run([.. run, "0"]);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("--max-megapixels is 0; it must be 1 to 500.", wrong.Error);
    }

    [Fact]
    public void A_folder_without_the_layout_is_bad_data()
    {
        Cli run = Cli.Run("pack", "--src-data-dir", Path.Combine(_folder.Root, "nowhere"), "--pack-type", "lmdb");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("nowhere", run.Error);
    }

    [Fact]
    public void A_pack_of_before_stays_as_it_was_when_a_new_one_fails()
    {
        Assert.Equal(0, Cli.Run("pack", "--src-data-dir", _folder.Root, "--pack-type", "lmdb").ExitCode);
        string pack = Path.Combine(_folder.Root, "train_lmdb", "data.mdb");
        byte[] before = File.ReadAllBytes(pack);
        File.Delete(TinyStreets.LabelPath(_folder.Root, "train", 1));
        Fails(3, "town_000000_000001");
        Assert.Equal(before, File.ReadAllBytes(pack));
        Assert.Equal(["train_lmdb"], Directory.GetDirectories(_folder.Root, "*lmdb*").Select(Path.GetFileName));
    }

    [Fact]
    public void Side_files_are_skipped_with_a_line_and_upper_case_suffixes_are_images()
    {
        string image = TinyStreets.ImagePath(_folder.Root, "train", 1), folder = Path.GetDirectoryName(image)!;
        File.Move(image, Path.ChangeExtension(image, ".PNG"));
        File.WriteAllText(Path.Combine(folder, $"._{Path.GetFileName(image)}"), "AppleDouble");
        File.CreateSymbolicLink(Path.Combine(folder, "again"), ".");
        Cli run = Cli.Run("pack", "--src-data-dir", _folder.Root, "--pack-type", "lmdb");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Packed 2 images", run.Output);
        Assert.Equal(
            $"note: 1 hidden or side entry skipped: {Path.Combine(folder, $"._{Path.GetFileName(image)}")}\nnote: 1 link to a folder that is listed already skipped: {Path.Combine(folder, "again")}\n", run.Error);
    }

    [Fact]
    public void A_folder_that_cannot_be_listed_is_one_clear_error()
    {
        string half = string.Join('/', Enumerable.Repeat(new string('d', 200), 11)), images = Path.Combine(_folder.Root, "leftImg8bit", "train");
        Directory.CreateDirectory(Path.Combine(images, half));
        Directory.CreateDirectory(Path.Combine(_folder.Root, "lower", half));
        Directory.Move(Path.Combine(_folder.Root, "lower"), Path.Combine(images, half, "lower"));
        Cli run = Cli.Run("pack", "--src-data-dir", _folder.Root, "--pack-type", "lmdb");
        Directory.Move(Path.Combine(images, half, "lower"), Path.Combine(_folder.Root, "lower"));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains(" cannot be read: ", run.Error);
        Assert.Contains($"error: {images}{Path.DirectorySeparatorChar}ddd", run.Error);
        Assert.Contains("Let this user read it, or move it away.", run.Error);
    }

    private Cli Fails(int exitCode, string expected)
    {
        Cli run = Cli.Run("pack", "--src-data-dir", _folder.Root, "--pack-type", "lmdb");
        Assert.Equal(exitCode, run.ExitCode);
        Assert.StartsWith("error: ", run.Error);
        Assert.Contains(expected, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        return run;
    }
}
