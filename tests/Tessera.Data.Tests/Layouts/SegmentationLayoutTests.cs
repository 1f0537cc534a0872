using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Layouts;

public sealed class SegmentationLayoutTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_folder_pair_is_listed_by_its_dirs_and_suffixes()
    {
        Write("rgb/train/a_1_cam.png", "rgb/train/b/x_cam.png", "rgb/train/notes.txt", "gt/train/a_1_gt.png", "gt/train/b/x_gt.png", "rgb/val/c_cam.png", "gt/val/c_gt.png", "classes.json");
        SegmentationLayout layout = Folders("rgb/{split}", "gt/{split}", "_cam.png", "_gt.png");
        Assert.Equal(["train", "val"], layout.FindSplits());
        IReadOnlyList<ImageLabelPair> pairs = layout.List("train");
        Assert.Equal([("a_1", "a"), ("x", "b")], pairs.Select(pair => (pair.Name, pair.Group)));
        Assert.All(pairs, pair => Assert.True(File.Exists(pair.ImagePath) && File.Exists(pair.LabelPath)));
        Assert.Equal(LabelEncodingKind.TrainIds, layout.Encoding.Kind);
    }

    [Fact]
    public void Images_and_labels_may_share_a_folder()
    {
        Write("train/1.png", "train/1_label.png", "train/2.png", "train/2_label.png", "classes.json");
        Assert.Equal(["1", "2"], Folders("{split}", "{split}", ".png", "_label.png").List("train").Select(pair => pair.Name));
    }

    [Fact]
    public void A_scan_tells_incomplete_pairs_and_a_list_refuses_them()
    {
        Write("i/train/1.jpg", "i/train/2.jpg", "l/train/2.png", "l/train/3.png", "classes.json");
        SegmentationLayout layout = Folders("i/{split}", "l/{split}", ".jpg", ".png");
        LayoutListing listing = layout.Scan("train");
        Assert.Equal(("2", "1", "3"), (Assert.Single(listing.Pairs).Name, Assert.Single(listing.ImagesWithoutLabel).Name, Assert.Single(listing.LabelsWithoutImage).Name));
        Assert.Contains(Path.Combine("l", "train", "1.png"), Assert.Throws<BadFileException>(() => layout.List("train")).Message);
    }

    [Fact]
    public void A_missing_split_names_the_splits_that_exist()
    {
        Write("i/train/1.jpg", "i/extra/1.jpg", "classes.json");
        Assert.Contains("train, extra", Assert.Throws<BadFileException>(() => Folders("i/{split}", "l/{split}", ".jpg", ".png").List("val")).Message);
    }

    [Fact]
    public void Label_ids_and_colours_come_from_the_options()
    {
        Write("classes.json");
        LayoutOptions options = new() { Root = _root.Path, Type = "folders" };
        LabelEncoding ids = SegmentationLayout.Create(options with { Labels = "ids", Ids = new Dictionary<int, int> { [9] = 1 } }).Encoding;
        Assert.Equal((LabelEncodingKind.LabelIds, 1), (ids.Kind, ids.Remap.TrainIdOf(9)));
        LabelEncoding colours = SegmentationLayout.Create(options with { Labels = "rgb", Colours = [new ColourClass(1, 1, 1, 255)] }).Encoding;
        Assert.Equal(LabelEncodingKind.Rgb, colours.Kind);
        Assert.Equal(LabelEncodingKind.Palette, SegmentationLayout.Create(options with { Labels = "palette", Classes = "cityscapes" }).Encoding.Kind);
        Assert.Equal(LabelEncodingKind.TrainIds, SegmentationLayout.Create(new LayoutOptions { Root = _root.Path, Labels = "train-ids", Classes = "cityscapes" }).Encoding.Kind);
    }

    [Fact]
    public void Wrong_options_are_usage_errors()
    {
        Write("classes.json");
        LayoutOptions options = new() { Root = _root.Path, Type = "folders" };
        Assert.Contains("voc", Assert.Throws<UsageException>(() => SegmentationLayout.Create(options with { Type = "voc" })).Message);
        Assert.Contains("names", Assert.Throws<UsageException>(() => SegmentationLayout.Create(options with { Labels = "names" })).Message);
        Assert.Contains("ids needs a table", Assert.Throws<UsageException>(() => SegmentationLayout.Create(options with { Labels = "ids" })).Message);
        Assert.Throws<UsageException>(() => SegmentationLayout.Create(options with { ImageSuffix = "" }));
        Assert.Throws<UsageException>(() => SegmentationLayout.Create(options with { ImageDir = "x", LabelDir = "x", ImageSuffix = ".png" }));
    }

    [RequiresSampleFact]
    public void The_real_camvid_sample_is_listed_with_its_drives_and_its_eleven_classes()
    {
        SegmentationLayout layout = SegmentationLayout.CamVid(Path.Combine(SampleData.Folder, "camvid"));
        Assert.Equal((11, "bicyclist"), (layout.Encoding.Classes.Count, layout.Encoding.Classes.Classes[10].Name));
        Assert.Equal((367, 21), (layout.List("train").Count, layout.List("val").Count));
        Assert.Contains("0001TP", layout.List("train").Select(pair => pair.Group));
        LabelImage label = layout.Encoding.Read(layout.List("val")[0].LabelPath);
        Assert.Equal((360, 480), (label.Height, label.Width));
    }

    private SegmentationLayout Folders(string imageDir, string labelDir, string imageSuffix, string labelSuffix) => SegmentationLayout.Create(new LayoutOptions
    {
        Root = _root.Path, Type = "folders", ImageDir = imageDir, LabelDir = labelDir, ImageSuffix = imageSuffix, LabelSuffix = labelSuffix,
    });

    private void Write(params string[] files)
    {
        foreach (string file in files)
        {
            string path = _root.Combine(file.Split('/'));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, """{"classes": ["a", "b", "c"]}""");
        }
    }
}
