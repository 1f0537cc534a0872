using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Layouts;

/// <summary>Layouts over folders as they are in the world.</summary>
public sealed class LayoutFolderTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Suffixes_match_in_whatever_case_and_pairs_keep_the_files_names()
    {
        Write("leftImg8bit/val/ulm/ulm_1_leftImg8bit.PNG", "gtFine/val/ulm/ulm_1_gtFine_labelids.Png");
        ImageLabelPair pair = Assert.Single(SegmentationLayout.Cityscapes(_root.Path).List("val"));
        Assert.Equal(
            ("ulm_1", _root.Combine("leftImg8bit/val/ulm/ulm_1_leftImg8bit.PNG"), _root.Combine("gtFine/val/ulm/ulm_1_gtFine_labelids.Png")), (pair.Name, pair.ImagePath, pair.LabelPath));
    }

    [Fact]
    public void Names_that_differ_in_the_case_of_their_suffix_are_ambiguous()
    {
        Write("images/train/a.jpg", "images/train/a.JPG", "labels/train/a.png", "classes.json");
        SegmentationLayout layout = SegmentationLayout.CamVid(_root.Path);
        Assert.Equal(
            $"{_root.Combine("images/train/a.jpg")} has the same name as {_root.Combine("images/train/a.JPG")} but for upper and lower case, so it is unclear which one is meant. Remove or rename one of the two.",
            Assert.Throws<BadFileException>(() => layout.List("train")).Message);
        Assert.Equal(_root.Combine("images/train/a.jpg"), Assert.Single(layout.Scan("train").Faults).Path);
    }

    [Fact]
    public void Side_files_are_noted_and_no_pairs()
    {
        Write("images/train/._a.jpg", "images/train/a.jpg", "labels/train/a.png", "labels/train/._a.png", "classes.json", "images/.ipynb_checkpoints/a.jpg", "images/__MACOSX/a.jpg");
        SegmentationLayout layout = SegmentationLayout.CamVid(_root.Path);
        LayoutListing listing = layout.ScanComplete("train");
        Assert.Equal("a", Assert.Single(listing.Pairs).Name);
        Assert.Equal($"2 hidden or side entries skipped: {_root.Combine("images/train/._a.jpg")}, {_root.Combine("labels/train/._a.png")}", Assert.Single(listing.Notes));
        Assert.Equal(["train"], layout.FindSplits());
    }

    [Fact]
    public void A_link_to_the_folder_itself_adds_no_image()
    {
        Write("images/train/a.jpg", "images/val/b.jpg", "labels/train/a.png", "classes.json");
        File.CreateSymbolicLink(_root.Combine("images/train/again"), ".");
        File.CreateSymbolicLink(_root.Combine("images/train/up"), "..");
        LayoutListing listing = SegmentationLayout.CamVid(_root.Path).ScanComplete("train");
        Assert.Equal("a", Assert.Single(listing.Pairs).Name);
        Assert.StartsWith("2 links to folders that are listed already skipped: ", Assert.Single(listing.Notes));
    }

    [Fact]
    public void A_broken_link_is_an_error_and_a_finding_for_it_may_hide_a_whole_city()
    {
        Write("images/train/a.jpg", "labels/train/a.png", "classes.json");
        File.CreateSymbolicLink(_root.Combine("images/train/city"), "/nowhere/city");
        SegmentationLayout layout = SegmentationLayout.CamVid(_root.Path);
        string link = _root.Combine("images/train/city");
        Assert.Equal($"{link} is a link whose target does not exist. Mend or remove the link.", Assert.Throws<BadFileException>(() => layout.List("train")).Message);
        CheckReport report = DatasetCheck.Layout(layout, new DatasetCheckOptions { Splits = ["train"] });
        Finding finding = Assert.Single(report.Findings, finding => finding.Code == "unlisted");
        Assert.Equal((FindingSeverity.Error, link), (finding.Severity, finding.File));
    }

    [Fact]
    public void A_split_that_is_a_file_or_a_broken_link_is_named_as_such()
    {
        Write("images/train", "classes.json");
        File.CreateSymbolicLink(_root.Combine("images/val"), "/nowhere");
        SegmentationLayout layout = SegmentationLayout.CamVid(_root.Path);
        Assert.StartsWith($"The folder {_root.Combine("images/train")} is a file, not a folder; ", Assert.Throws<BadFileException>(() => layout.Scan("train")).Message);
        Assert.StartsWith($"The folder {_root.Combine("images/val")} is a link whose target does not exist; ", Assert.Throws<BadFileException>(() => layout.Scan("val")).Message);
        Assert.StartsWith($"The folder {_root.Combine("images/test")} does not exist; ", Assert.Throws<BadFileException>(() => layout.Scan("test")).Message);
    }

    [Fact]
    public void The_mark_of_the_split_may_be_a_part_of_a_name_and_folders_may_lie_elsewhere()
    {
        using var elsewhere = new TempFolder();
        Directory.CreateDirectory(elsewhere.Combine("gt_train_v2"));
        File.WriteAllText(elsewhere.Combine("gt_train_v2", "a.png"), "");
        Write("img_train_v2/rgb/a.jpg", "img_test_v2/rgb/a.jpg", "img_v2/rgb/a.jpg", "classes.json");
        SegmentationLayout layout = Folders(new LayoutOptions { Root = _root.Path, ImageDir = "img_{split}_v2/rgb", LabelDir = elsewhere.Combine("gt_{split}_v2") });
        Assert.Equal(["train", "test"], layout.FindSplits());
        Assert.Equal(elsewhere.Combine("gt_train_v2", "a.png"), Assert.Single(layout.List("train")).LabelPath);
    }

    [Fact]
    public void Images_and_labels_in_one_folder_are_told_apart_however_the_folder_is_written()
    {
        Write("train/1.png", "train/1_label.PNG", "classes.json");
        ImageLabelPair pair = Assert.Single(Folders(new LayoutOptions { Root = _root.Path, ImageDir = "{split}", LabelDir = "./{split}/", ImageSuffix = ".png", LabelSuffix = "_label.png" }).List("train"));
        Assert.Equal(("1", "1_label.PNG"), (pair.Name, Path.GetFileName(pair.LabelPath)));
        Assert.Throws<UsageException>(() => Folders(new LayoutOptions { Root = _root.Path, ImageDir = "x", LabelDir = "x/", ImageSuffix = ".PNG" }));
    }

    [Fact]
    public void A_pack_beside_the_splits_is_no_split()
    {
        Write("train/1.png", "train_lmdb/data.mdb", "classes.json");
        Assert.Equal(["train"], Folders(new LayoutOptions { Root = _root.Path, ImageDir = "{split}", LabelDir = "{split}", LabelSuffix = "_label.png" }).FindSplits());
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    public void A_split_is_the_name_of_a_folder(string split)
    {
        Write("classes.json");
        Assert.StartsWith($"The split '{split}' is no name of a folder", Assert.Throws<UsageException>(() => SegmentationLayout.CamVid(_root.Path).Scan(split)).Message);
    }

    [Fact]
    public void A_missing_class_file_says_how_to_write_or_name_one() => Assert.Contains(
        "--classes cityscapes takes the 19 classes", Assert.Throws<BadFileException>(() => SegmentationLayout.CamVid(_root.Path)).Message);

    [Theory]
    [InlineData("--image-dir is x, and the layout camvid has folders and suffixes of its own.", "camvid", null, "x", null, null, null)]
    [InlineData("--label-dir is x, and the layout cityscapes has folders", "cityscapes", null, null, "x", null, null)]
    [InlineData("--image-suffix is .png, and the layout CamVid has folders", "CamVid", null, null, null, ".png", null)]
    [InlineData("--label-suffix is .png, and the layout camvid has folders", "camvid", null, null, null, null, ".png")]
    public void Places_that_the_layout_does_not_use_are_refused(string expected, string type, string? labels, string? imageDir, string? labelDir, string? imageSuffix, string? labelSuffix)
    {
        var options = new LayoutOptions { Root = _root.Path, Type = type, Labels = labels, ImageDir = imageDir, LabelDir = labelDir, ImageSuffix = imageSuffix, LabelSuffix = labelSuffix };
        Assert.Contains(expected, Assert.Throws<UsageException>(() => SegmentationLayout.Create(options)).Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void What_the_encoding_does_not_use_is_refused()
    {
        Write("classes.json");
        var options = new LayoutOptions { Root = _root.Path };
        Assert.StartsWith("--classes is classes.json, and labels of the encoding cityscapes-ids", Fault(options with { Classes = "classes.json" }));
        Assert.StartsWith("--ignore-unknown-colours and further colours are for --labels rgb", Fault(options with { IgnoreUnknownColours = true }));
        Assert.StartsWith("--ignore-unknown-colours and further colours are for --labels rgb", Fault(options with { Type = "camvid", Colours = [new ColourClass(1, 2, 3, 0)] }));
        Assert.StartsWith("A table of ids is for --labels ids or palette", Fault(options with { Type = "camvid", Ids = new Dictionary<int, int> { [1] = 1 } }));
        Assert.Contains("--labels ids needs a table: ", Fault(options with { Type = "camvid", Labels = "ids" }));
        Assert.Equal(LabelEncodingKind.LabelIds, SegmentationLayout.Create(options with { Classes = "cityscapes" }).Encoding.Kind);

        static string Fault(LayoutOptions options) => Assert.Throws<UsageException>(() => SegmentationLayout.Create(options)).Message;
    }

    private static SegmentationLayout Folders(LayoutOptions options) => SegmentationLayout.Create(options with { Type = "folders" });

    private void Write(params string[] files)
    {
        foreach (string file in files)
        {
            string path = _root.Combine(file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, """{"classes": ["a", "b", "c"]}""");
        }
    }
}
