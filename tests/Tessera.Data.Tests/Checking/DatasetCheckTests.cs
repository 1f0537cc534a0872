using System.Text.Json;
using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Checking;

public sealed class DatasetCheckTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_sound_data_set_has_no_error_and_its_counts_are_right()
    {
        Sound();
        CheckReport report = DatasetCheck.Layout(SegmentationLayout.Cityscapes(_root.Path));
        Assert.Equal((0, 0), (report.Errors, report.Warnings));
        Assert.Equal(["train", "val"], report.Splits.Select(split => split.Split));
        SplitSummary train = report.Splits[0];
        Assert.Equal((4, 4 * 40 * 60L, "cityscapes-ids", "cityscapes-ids"), (train.Samples, train.Pixels, train.DeclaredEncoding, train.Encoding!.Encoding));
        Assert.InRange(train.Encoding.Confidence, 0.99, 1);
        Assert.Equal(new SizeCount(40, 60, 4), Assert.Single(train.Sizes));
        byte[] trainIds = [.. Enumerable.Range(0, 4).SelectMany(i => Ids(i).Values).Select(id => CityscapesLabels.TrainIds[id])];
        Assert.Equal(trainIds.Count(id => id == 13), train.Classes[13].Pixels);
        Assert.Equal(trainIds.Count(id => id == 255) / (double)trainIds.Length, train.IgnoredShare, 12);
        Assert.Equal(1, train.Classes.Sum(entry => entry.Share), 12);
    }

    [Fact]
    public void Incomplete_pairs_are_named()
    {
        Sound();
        Make.Pair(_root.Path, "val", "ulm", "ulm_8", Make.Image(40, 60), null);
        Make.Pair(_root.Path, "val", "ulm", "ulm_9", null, Ids(1));
        CheckReport report = Check();
        Assert.Equal(Make.ImagePath(_root.Path, "val", "ulm", "ulm_8"), One(report, "missing-label", FindingSeverity.Error).File);
        Assert.Equal(Make.LabelPath(_root.Path, "val", "ulm", "ulm_9"), One(report, "missing-image", FindingSeverity.Error).File);
    }

    [Fact]
    public void Truncated_files_wrong_sizes_depths_and_formats_are_named()
    {
        Sound();
        Make.Pair(_root.Path, "val", "ulm", "ulm_1", Make.Image(40, 60, 51), Make.Ids(60, 40));
        Make.Pair(_root.Path, "val", "ulm", "ulm_2", Make.Image(40, 60, 52), Ids(1));
        Make.Pair(_root.Path, "val", "ulm", "ulm_3", Make.Image(40, 60, 53), Ids(1));
        Make.Pair(_root.Path, "val", "ulm", "ulm_4", Make.Image(40, 60, 54), Ids(1));
        string second = Make.LabelPath(_root.Path, "val", "ulm", "ulm_2"), third = Make.LabelPath(_root.Path, "val", "ulm", "ulm_3"), fourth = Make.ImagePath(_root.Path, "val", "ulm", "ulm_4");
        File.WriteAllBytes(second, RawPng.Write(40, 60, 16, 0, new byte[40 * 60 * 2]));
        File.WriteAllBytes(third, RawPng.Write(40, 60, 8, 6, new byte[40 * 60 * 4]));
        File.WriteAllBytes(fourth, File.ReadAllBytes(fourth)[..900]);
        CheckReport report = Check();
        Assert.Contains("60x40", One(report, "size", FindingSeverity.Error).Message);
        Assert.Equal(second, One(report, "bit-depth", FindingSeverity.Error).File);
        Finding format = One(report, "label-format", FindingSeverity.Error);
        Assert.Equal(third, format.File);
        Assert.Contains("RGBA", format.Message);
        Assert.Contains("_gtFine_labelIds.png", format.Remedy);
        Assert.Equal(fourth, One(report, "unreadable", FindingSeverity.Error).File);
    }

    [Fact]
    public void Train_ids_declared_as_label_ids_are_an_error_even_where_every_value_is_a_valid_id()
    {
        // Without 255 nothing else would notice: 0..18 are label ids too.
        for (int i = 0; i < 3; i++)
        {
            byte[] trainIds = [.. Make.TrainIds(40, 60, i).Values.Select(id => id == 255 ? (byte)0 : id)];
            Make.Pair(_root.Path, "train", "ulm", $"ulm_{i}", Make.Image(40, 60, i), new LabelImage(trainIds, 40, 60));
        }

        Finding finding = One(Check(), "encoding", FindingSeverity.Error);
        Assert.Contains("look like 'train-ids'", finding.Message);
        Assert.Contains("--labels ids --ids 0..18=0..18,255=255", finding.Remedy);
        PackResult pack = Packer.Run(new PackOptions { SrcDataDir = _root.Path });
        Assert.Contains("--labels ids --ids 0..18=0..18,255=255", One(DatasetCheck.Packs([pack.Path]), "encoding", FindingSeverity.Error).Remedy);
    }

    [Fact]
    public void Label_ids_declared_as_train_ids_are_an_error_that_names_the_first_file_value_and_pixel()
    {
        Folders(i => Ids(i), """{"classes": ["c0"]}""");
        CheckReport report = DatasetCheck.Layout(SegmentationLayout.Create(new LayoutOptions { Root = _root.Path, Type = "folders", Classes = "cityscapes" }));
        Assert.Equal("cityscapes-ids", report.Splits[0].Encoding!.Encoding);
        Assert.Contains("--labels cityscapes-ids", One(report, "encoding", FindingSeverity.Error).Remedy);
        Finding unknown = One(report, "unknown-value", FindingSeverity.Error);
        Assert.Equal((3, 3), (unknown.Count, unknown.Files.Count));
        Assert.Contains("at row", unknown.Message);
    }

    [Fact]
    public void Values_that_start_at_one_are_recognised()
    {
        Folders(i => new LabelImage([.. Make.TrainIds(40, 60, i).Values.Select(id => (byte)(id == 255 ? 0 : (id % 5) + 1))], 40, 60), """{"classes": ["a", "b", "c", "d", "e"]}""");
        CheckReport report = DatasetCheck.Layout(SegmentationLayout.Create(new LayoutOptions { Root = _root.Path, Type = "folders" }));
        Assert.Equal("train-ids+1", report.Splits[0].Encoding!.Encoding);
        Assert.Contains("--labels ids --ids 0=255,1..5=0..4", One(report, "encoding", FindingSeverity.Error).Remedy);
    }

    [Fact]
    public void Palette_files_declared_as_train_ids_are_named_once_with_the_key_to_set()
    {
        for (int i = 0; i < 3; i++)
        {
            ImageFile.WriteRgb(_root.Combine("images", "train", $"{i}.jpg"), Make.Image(40, 60, i));
            ImageFile.WriteClassMap(_root.Combine("labels", "train", $"{i}.png"), Make.TrainIds(40, 60, i), ClassTable.Cityscapes);
        }

        LayoutOptions options = new() { Root = _root.Path, Type = "folders", Classes = "cityscapes" };
        CheckReport wrong = DatasetCheck.Layout(SegmentationLayout.Create(options));
        Finding finding = One(wrong, "label-format", FindingSeverity.Error);
        Assert.Equal(3, finding.Count);
        Assert.Contains("--labels palette", finding.Remedy);
        Assert.DoesNotContain(wrong.Findings, other => other.Code == "encoding");
        Assert.Equal(0, DatasetCheck.Layout(SegmentationLayout.Create(options with { Labels = "palette" })).Errors);
        CheckReport colours = DatasetCheck.Layout(SegmentationLayout.Create(options with { Labels = "rgb" }));
        Assert.Contains("(0, 0, 0)", One(colours, "unknown-colour", FindingSeverity.Error).Message);
        Assert.Equal(0, DatasetCheck.Layout(SegmentationLayout.Create(options with { Labels = "rgb", IgnoreUnknownColours = true })).Errors);
    }

    [Fact]
    public void A_split_without_any_class_is_an_error()
    {
        Make.Pair(_root.Path, "train", "ulm", "ulm_1", Make.Image(40, 60), new LabelImage(new byte[2400], 40, 60));
        One(Check(), "nothing-to-learn", FindingSeverity.Error);
    }

    [Fact]
    public void Mostly_ignored_data_classes_never_seen_and_empty_labels_are_warnings()
    {
        Sound();
        var roads = new LabelImage(new byte[2400], 40, 60);
        roads.Values.AsSpan(0, 100).Fill(7);
        Make.Pair(_root.Path, "test", "ulm", "ulm_1", Make.Image(40, 60, 61), roads);
        Make.Pair(_root.Path, "test", "ulm", "ulm_2", Make.Image(40, 60, 62), new LabelImage(new byte[2400], 40, 60));
        CheckReport report = Check();
        Assert.Contains("97.9 %", One(report, "ignored-share", FindingSeverity.Warning).Message);
        Assert.Equal(Make.LabelPath(_root.Path, "test", "ulm", "ulm_2"), One(report, "empty-label", FindingSeverity.Warning).File);
        Assert.Contains("sidewalk", One(report, "class-never-seen", FindingSeverity.Info).Message);
    }

    [Fact]
    public void A_class_that_only_the_validation_has_is_a_warning()
    {
        var roads = new LabelImage([.. Enumerable.Repeat((byte)7, 2400)], 40, 60);
        Make.Pair(_root.Path, "train", "ulm", "ulm_1", Make.Image(40, 60, 1), roads);
        Make.Pair(_root.Path, "val", "bonn", "bonn_1", Make.Image(40, 60, 2), Ids(1));
        CheckReport report = Check();
        Assert.Contains("bicycle", One(report, "class-untrained", FindingSeverity.Warning).Message);
        Assert.Equal("train", One(report, "class-never-seen", FindingSeverity.Warning).Split);
    }

    [Fact]
    public void Equal_images_and_cities_in_two_splits_are_named()
    {
        Sound();
        Make.Pair(_root.Path, "val", "aachen", "aachen_9", Make.Image(40, 60, 2), Ids(3));
        CheckReport report = Check();
        Finding same = One(report, "same-image-in-splits", FindingSeverity.Error);
        Assert.Equal(("train, val", Make.LabelPath(_root.Path, "val", "aachen", "aachen_9")), (same.Split, same.File));
        Assert.Contains("aachen", One(report, "shared-group", FindingSeverity.Warning).Message);
    }

    [Fact]
    public void Images_that_look_alike_are_found_when_asked_for()
    {
        Sound();
        RgbImage smooth = Smooth(0), brighter = Smooth(3);
        Make.Pair(_root.Path, "train", "aachen", "aachen_7", smooth, Ids(3));
        Make.Pair(_root.Path, "val", "ulm", "ulm_7", brighter, Ids(4));
        Assert.DoesNotContain(Check().Findings, finding => finding.Code == "similar-image-in-splits");
        CheckReport report = DatasetCheck.Layout(SegmentationLayout.Cityscapes(_root.Path), new DatasetCheckOptions { NearDuplicates = true });
        Assert.Equal(Make.LabelPath(_root.Path, "val", "ulm", "ulm_7"), One(report, "similar-image-in-splits", FindingSeverity.Warning).File);

        static RgbImage Smooth(int more) => new([.. Enumerable.Range(0, 40 * 60 * 3).Select(i => (byte)((i / 180 * 3) + (Math.Sin(i % 180 / 20.0) * 40) + 60 + more))], 40, 60);
    }

    [Fact]
    public void Json_and_tables_hold_the_report()
    {
        Sound();
        Make.Pair(_root.Path, "val", "ulm", "ulm_8", Make.Image(40, 60), null);
        CheckReport report = Check();
        using JsonDocument json = JsonDocument.Parse(report.ToJson());
        Assert.Equal("error", json.RootElement.GetProperty("findings")[0].GetProperty("severity").GetString());
        Assert.Equal("missing-label", json.RootElement.GetProperty("findings")[0].GetProperty("code").GetString());
        Assert.Equal(19, json.RootElement.GetProperty("splits")[0].GetProperty("classes").GetArrayLength());
        IReadOnlyList<CheckTable> tables = report.ToTables();
        Assert.Equal(3, tables.Count);
        Assert.All(tables, table => Assert.All(table.Rows, row => Assert.Equal(table.Columns.Count, row.Count)));
    }

    [Fact]
    public void Packs_are_checked_against_their_manifest()
    {
        Sound();
        PackResult train = Packer.Run(new PackOptions { SrcDataDir = _root.Path }), val = Packer.Run(new PackOptions { SrcDataDir = _root.Path, SplitName = "val" });
        Assert.Equal(0, DatasetCheck.Packs([train.Path, val.Path]).Errors);
        string file = Path.Combine(train.Path, "data.mdb");
        byte[] bytes = File.ReadAllBytes(file);

        // The last label byte of the first record: a pixel that no decoder can miss.
        bytes[(2 * 4096) + 16 + RecordLength(train.Path) - 1] = 200;
        File.WriteAllBytes(file, bytes);
        CheckReport report = DatasetCheck.Packs([train.Path, val.Path]);
        Assert.Equal("train", One(report, "content-changed", FindingSeverity.Error).Split);
        Assert.Contains("200 at row 39, column 59", One(report, "unknown-value", FindingSeverity.Error).Message);
        Assert.Throws<BadFileException>(() => DatasetCheck.Packs([_root.Combine("none")]));
        Assert.Throws<UsageException>(() => DatasetCheck.Packs([]));

        static int RecordLength(string path)
        {
            using LmdbStore store = LmdbStore.Open(path);
            return store.GetRecord(0).Length;
        }
    }

    [Fact]
    public void A_folder_without_splits_is_an_error_and_a_cancelled_check_ends()
    {
        Assert.Throws<BadFileException>(Check);
        Sound();
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => DatasetCheck.Layout(SegmentationLayout.Cityscapes(_root.Path), cancellation: cancellation.Token));
    }

    [RequiresSampleFact]
    public void The_real_samples_have_no_error_and_their_known_weaknesses_are_found()
    {
        CheckReport kitti = DatasetCheck.Layout(SegmentationLayout.Cityscapes(SampleData.Kitti));
        Assert.Equal(0, kitti.Errors);
        Assert.Contains("motorcycle", One(kitti, "class-never-seen", FindingSeverity.Warning).Message);
        One(kitti, "shared-group", FindingSeverity.Warning);
        CheckReport camVid = DatasetCheck.Layout(SegmentationLayout.CamVid(Path.Combine(SampleData.Folder, "camvid")));
        Assert.Equal(0, camVid.Errors);
        Assert.All(camVid.Splits, split => Assert.Equal("train-ids", split.Encoding!.Encoding));

        // The sample's README says that its val part lies seconds away from train frames.
        One(camVid, "shared-group", FindingSeverity.Warning);
    }

    private CheckReport Check() => DatasetCheck.Layout(SegmentationLayout.Cityscapes(_root.Path));

    private static Finding One(CheckReport report, string code, FindingSeverity severity)
    {
        Finding finding = Assert.Single(report.Findings, finding => finding.Code == code && finding.Severity == severity);

        // The fault of a file that cannot be read says itself what to do; a second remedy would repeat it.
        Assert.Contains(code == "unreadable" ? "Fetch it again" : finding.Remedy, finding.Message + finding.Remedy);
        Assert.Equal(code == "unreadable", finding.Remedy.Length == 0);
        return finding;
    }

    /// <summary>Label ids with little that is ignored, as street images have.</summary>
    private static LabelImage Ids(int seed)
    {
        byte[] ids = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];
        return new LabelImage([.. Make.TrainIds(40, 60, seed).Values.Select(id => id == 255 ? (byte)4 : ids[id])], 40, 60);
    }

    private void Sound()
    {
        for (int i = 0; i < 6; i++)
        {
            (string split, string city) = i < 4 ? ("train", "aachen") : ("val", "bonn");
            Make.Pair(_root.Path, split, city, $"{city}_{i}", Make.Image(40, 60, i), Ids(i));
        }
    }

    private void Folders(Func<int, LabelImage> label, string classes)
    {
        for (int i = 0; i < 3; i++)
        {
            ImageFile.WriteRgb(_root.Combine("images", "train", $"{i}.jpg"), Make.Image(40, 60, i));
            ImageFile.WriteGray(_root.Combine("labels", "train", $"{i}.png"), label(i));
        }

        File.WriteAllText(_root.Combine("classes.json"), classes);
    }
}
