using System.IO.Compression;
using System.Text.Json;
using Tessera.Data;
using Tessera.Data.Tests;

namespace Tessera.Cli.Tests.Commands;

public sealed class DataCommandTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    private string Streets => Path.Combine(_folder.Root, "streets");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Synth_writes_a_data_set_that_check_and_pack_accept()
    {
        Cli drawn = Cli.Run("data", "synth", "--out", Streets, "--num-train", "3", "--num-val", "2", "--size", "64,128", "--seed", "5");
        Assert.Equal((0, ""), (drawn.ExitCode, drawn.Error));
        Assert.Contains("Drew 3 training and 2 validation images", drawn.Output);

        string json = Path.Combine(_folder.Root, "report.json");
        Cli checkedRun = Cli.Run("data", "check", "--src-data-dir", Streets, "--json", json);
        Assert.Equal((0, ""), (checkedRun.ExitCode, checkedRun.Error));
        Assert.Contains("0 errors", checkedRun.Output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        Assert.Equal(0, report.RootElement.GetProperty("errors").GetInt32());

        foreach (string split in new[] { "train", "val" })
        {
            Assert.Equal(0, Cli.Run("pack", "--src-data-dir", Streets, "--split-name", split, "--pack-type", "lmdb", "--image-codec", "lz4").ExitCode);
        }

        Cli packs = Cli.Run("data", "check", "--pack", Path.Combine(Streets, "train_lmdb"), "--pack", Path.Combine(Streets, "val_lmdb"));
        Assert.Equal((0, ""), (packs.ExitCode, packs.Error));
        Cli configured = Cli.Run(
            "data", "check", "-c", Cli.Config("unet_mobilenetv1_synthetic.yaml"),
            "--set", $"data_loader.dataset.data_path={Path.Combine(Streets, "train_lmdb")}", "--set", $"val_data_loader.dataset.data_path={Path.Combine(Streets, "val_lmdb")}");
        Assert.Equal(packs.Output, configured.Output);
    }

    [Theory]
    [InlineData("The height of synthetic streets is 63; it must lie between 64 and 4096", "--size", "63,128")]
    [InlineData("not of the form H,W", "--size", "64x128")]
    [InlineData("The number of validation scenes is 0", "--num-val", "0")]
    public void A_wrong_option_of_synth_is_an_error_of_usage(string expected, params string[] options)
    {
        Cli run = Cli.Run(["data", "synth", "--out", Streets, .. options]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(expected, run.Error);
        Assert.False(Directory.Exists(Streets));
    }

    [Fact]
    public void Synth_leaves_a_folder_that_holds_something_alone()
    {
        string file = Path.Combine(Directory.CreateDirectory(Streets).FullName, "mine.txt");
        File.WriteAllText(file, "mine");
        Cli run = Cli.Run("data", "synth", "--out", Streets, "--num-train", "1", "--num-val", "1", "--size", "64,64");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("already holds data", run.Error);
        Assert.Equal([file], Directory.GetFileSystemEntries(Streets));
    }

    [Fact]
    public void Check_ends_with_4_and_names_a_label_that_is_missing()
    {
        TinyStreets.Write(_folder.Root, train: 2, val: 1);
        File.Delete(TinyStreets.LabelPath(_folder.Root, "train", 1));
        Cli run = Cli.Run("data", "check", "--src-data-dir", _folder.Root);
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("town_000000_000001", run.Error);
        Assert.Contains("Add the label or remove the image.", run.Error);
    }

    [Fact]
    public void The_advice_for_labels_from_one_on_can_be_carried_out()
    {
        for (int i = 0; i < 3; i++)
        {
            var random = new Random(i);
            byte[] label = [.. Enumerable.Range(0, 64 * 64).Select(pixel => (byte)(((pixel / 512 * 8) + (pixel % 64 / 8) + random.Next(1) + i) % 4))];
            var rgb = new byte[64 * 64 * 3];
            random.NextBytes(rgb);
            ImageFile.WriteGray(Path.Combine(_folder.Root, "labels", "train", $"{i}.png"), new LabelImage(label, 64, 64));
            ImageFile.WriteRgb(Path.Combine(_folder.Root, "images", "train", $"{i}.png"), new RgbImage(rgb, 64, 64));
        }

        _folder.Write("classes.json", """{"classes": ["a", "b", "c"]}""");
        string[] layout = ["--src-data-dir", _folder.Root, "--layout", "folders", "--image-suffix", ".png"];
        Cli wrong = Cli.Run(["data", "check", .. layout]);
        Assert.Equal(4, wrong.ExitCode);
        Assert.Contains("Say --labels ids --ids 0=255,1..3=0..2", wrong.Error);
        string[] advice = ["--labels", "ids", "--ids", "0=255,1..3=0..2"];
        Assert.Equal(0, Cli.Run(["data", "check", .. layout, .. advice]).ExitCode);
        Assert.Equal(0, Cli.Run(["pack", "--pack-type", "lmdb", .. layout, .. advice]).ExitCode);
        Cli packed = Cli.Run("data", "check", "--pack", Path.Combine(_folder.Root, "train_lmdb"));
        Assert.Equal((0, ""), (packed.ExitCode, packed.Error));
        Cli contradicted = Cli.Run(["pack", "--pack-type", "lmdb", .. layout, "--labels", "rgb", "--ids", "0=1"]);
        Assert.Equal(2, contradicted.ExitCode);
        Assert.Contains("--labels is rgb; say --labels ids or --labels palette", contradicted.Error);
    }

    [Theory]
    [InlineData("Give one of -c, --src-data-dir and --pack")]
    [InlineData("Give one of -c, --src-data-dir and --pack", "--src-data-dir", "a", "--pack", "b")]
    [InlineData("--num-samples is 0", "--src-data-dir", "a", "--num-samples", "0")]
    [InlineData("--layout is used with --src-data-dir only", "--pack", "a", "--layout", "camvid")]
    [InlineData("--image-suffix is used with --src-data-dir only", "-c", "a", "--image-suffix", ".png")]
    [InlineData("--set is used with --config only", "--pack", "a", "--set", "seed=1")]
    [InlineData("--image-suffix is .png, and the layout camvid has", "--src-data-dir", "a", "--layout", "camvid", "--image-suffix", ".png")]
    public void A_wrong_option_of_check_is_an_error_of_usage(string expected, params string[] options)
    {
        Cli run = Cli.Run(["data", "check", .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
    }

    [Theory]
    [InlineData("--image-codec is gif", "--image-codec", "gif")]
    [InlineData("The layout 'coco' does not exist", "--layout", "coco")]
    [InlineData("not of the form H,W", "--resize", "64")]
    [InlineData("--label-dir is masks, and the layout cityscapes has", "--label-dir", "masks")]
    [InlineData("--image-suffix is .png, and the layout camvid has", "--layout", "camvid", "--image-suffix", ".png")]
    [InlineData("--classes is mine.json, and labels of the encoding cityscapes-ids", "--classes", "mine.json")]
    [InlineData("--ignore-unknown-colours and further colours are for --labels rgb", "--ignore-unknown-colours")]
    public void A_wrong_option_of_pack_is_an_error_of_usage(string expected, params string[] options)
    {
        TinyStreets.Write(_folder.Root, train: 1, val: 1);
        Cli run = Cli.Run(["pack", "--src-data-dir", _folder.Root, "--pack-type", "lmdb", .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
    }

    [Fact]
    public void Training_refuses_labels_that_are_all_ignored_unless_they_are_trusted()
    {
        TinyStreets.Write(_folder.Root, train: 1, val: 1);
        string label = TinyStreets.LabelPath(_folder.Root, "train", 0);
        LabelImage image = ImageFile.ReadLabel(label);
        Array.Fill(image.Values, (byte)3);
        ImageFile.WriteGray(label, image);
        foreach (string split in new[] { "train", "val" })
        {
            Assert.Equal(0, Cli.Run("pack", "--src-data-dir", _folder.Root, "--split-name", split, "--pack-type", "lmdb").ExitCode);
        }

        string[] train =
        [
            "train", "--stage", "float", "--pipeline-test", "-c", Cli.Config("unet_mobilenetv1_synthetic.yaml"), "--set", $"ckpt_dir={Path.Combine(_folder.Root, "run")}",
            "--set", "input_size=[64, 128]",
            "--set", $"data_loader.dataset.data_path={Path.Combine(_folder.Root, "train_lmdb")}", "--set", $"val_data_loader.dataset.data_path={Path.Combine(_folder.Root, "val_lmdb")}",
        ];
        Cli refused = Cli.Run(train);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("all are ignored", refused.Error);
        Assert.Contains("--trust-data", refused.Error);
        Cli trusted = Cli.Run([.. train, "--trust-data"]);
        Assert.DoesNotContain("all are ignored", trusted.Error);
        Assert.Contains("BEGIN FLOAT STAGE", trusted.Output);
    }

    [Fact]
    public void A_folder_pair_with_its_own_classes_is_packed_checked_and_trained()
    {
        for (int i = 0; i < 4; i++)
        {
            string split = i < 3 ? "train" : "val";
            var random = new Random(i);
            byte[] label = [.. Enumerable.Range(0, 64 * 128).Select(pixel => (byte)(pixel % 128 < random.Next(40, 50) ? 0 : pixel < 2000 ? 1 : 2))];
            ImageFile.WriteGray(Path.Combine(_folder.Root, "masks", split, $"{i}.png"), new LabelImage(label, 64, 128));
            ImageFile.WriteRgb(Path.Combine(_folder.Root, "photos", split, $"{i}.png"), new RgbImage([.. label.SelectMany(value => new byte[] { (byte)(value * 90), (byte)random.Next(256), 7 })], 64, 128));
        }

        string classes = _folder.Write("classes.json", """{"classes": ["left", "top", "rest"]}""");
        string[] layout = ["--src-data-dir", _folder.Root, "--layout", "folders", "--image-dir", "photos/{split}", "--label-dir", "masks/{split}", "--image-suffix", ".png"];
        Cli checkedRun = Cli.Run(["data", "check", .. layout]);
        Assert.Equal((0, ""), (checkedRun.ExitCode, checkedRun.Error));
        foreach (string split in new[] { "train", "val" })
        {
            Assert.Equal(0, Cli.Run(["pack", "--split-name", split, "--pack-type", "lmdb", .. layout]).ExitCode);
        }

        string[] train =
        [
            "train", "--stage", "float", "--pipeline-test", "-c", Cli.Config("unet_mobilenetv1_synthetic.yaml"), "--set", $"ckpt_dir={Path.Combine(_folder.Root, "run")}",
            "--set", "input_size=[64, 128]",
            "--set", $"data_loader.dataset.data_path={Path.Combine(_folder.Root, "train_lmdb")}", "--set", $"val_data_loader.dataset.data_path={Path.Combine(_folder.Root, "val_lmdb")}",
        ];
        Cli trained = Cli.Run([.. train, "--set", $"classes={classes}", "--set", "model.head.num_classes=3"]);
        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.Matches(@"rest +\S+ +\S+ ", trained.Output);
        Cli refused = Cli.Run(train);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("the pack has 3 classes and the configuration 19", refused.Error);
    }

    [Fact]
    public void Download_lists_and_fetches_with_the_password_from_standard_input()
    {
        using var server = new PretendCityscapes();
        string[] account = ["--user", PretendCityscapes.User, "--server", server.Address.ToString()];
        Cli listed = Cli.RunWithInput(PretendCityscapes.Password + "\n", ["data", "download", "--list", .. account]);
        Assert.Equal((0, ""), (listed.ExitCode, listed.Error));
        Assert.Contains(PretendCityscapes.Package, listed.Output);
        Cli fetched = Cli.RunWithInput(PretendCityscapes.Password + "\n", ["data", "download", "--package", PretendCityscapes.Package, "--out", _folder.Root, .. account]);
        Assert.Equal(0, fetched.ExitCode);
        Assert.Equal(server.Content, File.ReadAllBytes(Path.Combine(_folder.Root, PretendCityscapes.Package)));
        Assert.DoesNotContain(PretendCityscapes.Password, listed.Output + fetched.Output + fetched.Error);

        Cli wrong = Cli.RunWithInput("wrong\n", ["data", "download", "--list", .. account]);
        Assert.Equal(2, wrong.ExitCode);
    }

    [Fact]
    public void Download_unpacks_into_the_layout_that_pack_reads()
    {
        TinyStreets.Write(Streets, train: 1, val: 1);
        string zipped = Path.Combine(_folder.Root, "streets.zip"), data = Path.Combine(_folder.Root, "data");
        ZipFile.CreateFromDirectory(Streets, zipped);
        byte[] archive = File.ReadAllBytes(zipped);
        Cli fetched = Fetch(archive, data);
        Assert.Equal((0, ""), (fetched.ExitCode, fetched.Error));
        Assert.Contains($"{Path.Combine(data, PretendCityscapes.Package)}: 4 files unpacked into {data}, each with its CRC-32", fetched.Output);
        Assert.Equal(0, Cli.Run("pack", "--src-data-dir", data, "--split-name", "val", "--pack-type", "lmdb").ExitCode);

        // The server's MD5 sum is that of the damaged archive, so that only the CRC-32 can tell.
        archive[archive.AsSpan().IndexOf("_leftImg8bit.png"u8) + 100] ^= 1;
        string other = Path.Combine(_folder.Root, "other");
        Cli damaged = Fetch(archive, other);
        Assert.Equal(3, damaged.ExitCode);
        Assert.Contains($"{Path.Combine(other, PretendCityscapes.Package)} is damaged: ", damaged.Error);
        Assert.Equal([Path.Combine(other, PretendCityscapes.Package)], Directory.GetFileSystemEntries(other));
    }

    [Theory]
    [InlineData("Give --list, or the packages", "--user", "a")]
    [InlineData("--out is used with --package only", "--list", "--out", "x")]
    [InlineData("--unpack is used with --package only", "--list", "--unpack")]
    [InlineData("--unpack unpacks ZIP archives, and README.txt is none by its name", "--package", "README.txt", "--unpack")]
    [InlineData("with --user", "--list")]
    [InlineData("password of the Cityscapes account is empty", "--list", "--user", "a")]
    [InlineData("is not https", "--list", "--user", "a", "--server", "http://example.org/")]
    public void A_wrong_option_of_download_is_an_error_of_usage(string expected, params string[] options)
    {
        Cli run = Cli.Run(["data", "download", .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
    }

    private static Cli Fetch(byte[] archive, string folder)
    {
        using var server = new PretendCityscapes(archive);
        return Cli.RunWithInput(
            PretendCityscapes.Password + "\n", "data", "download", "--package", PretendCityscapes.Package, "--out", folder, "--unpack",
            "--user", PretendCityscapes.User, "--server", server.Address.ToString());
    }

    [Theory]
    [InlineData("Unknown command synht. Did you mean synth?\nSee: tessera data --help", "synht")]
    [InlineData("Unknown option --sise. Did you mean --size?\nSee: tessera data synth --help", "synth", "--out", "x", "--sise", "64,64")]
    [InlineData("tessera data needs one of the commands synth, check, download.")]
    public void A_wrong_word_below_data_is_explained(string expected, params string[] arguments)
    {
        Cli run = Cli.Run(["data", .. arguments]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
    }
}
