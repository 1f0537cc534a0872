using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Checking;

/// <summary>Data sets that decode well and teach nothing, each with the option that mends it.</summary>
public sealed class TeachingCheckTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Masks_of_0_and_255_are_an_error_and_the_advice_mends_them()
    {
        Write("train", i => Blocks(i, 0, 255));
        Finding finding = One(Check("a", "b"), "single-class");
        Assert.Contains("--labels ids --ids 0=0,255=1", finding.Remedy);
        Assert.Equal(0, DatasetCheck.Layout(SegmentationLayout.Create(Options("a", "b") with { Labels = "ids", Ids = LabelIdTable.Parse("0=0,255=1") })).Errors);
    }

    [Fact]
    public void A_class_file_with_one_class_is_an_error()
    {
        Write("train", i => Blocks(i, 0, 255));
        Write("val", i => Blocks(i + 10, 0, 255));
        Finding finding = One(Check("only"), "one-class");
        Assert.Contains("Name two classes", finding.Remedy);
        Assert.Contains("--ids 0=0,255=1", finding.Remedy);
    }

    [Fact]
    public void Ids_from_one_on_are_an_error_and_the_advice_mends_them()
    {
        Write("train", i => Blocks(i, 0, 1, 2, 3));
        CheckReport report = Check("a", "b", "c");
        Assert.Equal("encoding", report.Findings[0].Code);
        Assert.Contains("--labels ids --ids 0=255,1..3=0..2", report.Findings[0].Remedy);
        Assert.Equal(0, DatasetCheck.Layout(SegmentationLayout.Create(Options("a", "b", "c") with { Labels = "ids", Ids = LabelIdTable.Parse("0=255,1..3=0..2") })).Errors);
    }

    [Fact]
    public void Test_labels_that_are_kept_back_are_no_error_and_all_splits_tell_the_encoding_together()
    {
        byte[] ids = [7, 8, 11, 21, 23, 26];
        for (int i = 0; i < 3; i++)
        {
            Make.Pair(_root.Path, "train", "aachen", $"aachen_{i}", Make.Image(40, 60, i), Blocks(i, ids));
            Make.Pair(_root.Path, "val", "bonn", $"bonn_{i}", Make.Image(40, 60, 10 + i), Blocks(10 + i, 7, 8));
            Make.Pair(_root.Path, "test", "ulm", $"ulm_{i}", Make.Image(40, 60, 20 + i), Blocks(20 + i, 0, 1, 2, 3));
        }

        CheckReport report = DatasetCheck.Layout(SegmentationLayout.Cityscapes(_root.Path));
        Assert.Equal(0, report.Errors);
        Assert.All(report.Splits, split => Assert.Equal(("cityscapes-ids", 1.0), (split.Encoding!.Encoding, split.Encoding.Confidence)));
        Assert.Equal("test", One(report, "nothing-to-score").Split);
    }

    [Theory]
    [InlineData(37, 55)]
    [InlineData(23, 31)]
    [InlineData(90, 130)]
    public void Labels_that_were_resized_with_interpolation_are_named_and_others_are_not(int height, int width)
    {
        Write("train", i => Resize(Blocks(i, 0, 1, 2, 3, 4), height, width));
        CheckReport report = Check("a", "b", "c", "d", "e");
        Finding finding = One(report, "interpolated-label");
        Assert.Equal((FindingSeverity.Error, 3), (finding.Severity, finding.Count));
        Assert.Contains("tessera pack --resize", finding.Remedy);
        Directory.Delete(_root.Combine("labels"), recursive: true);
        Write("train", i => Nearest(Blocks(i, 0, 1, 2, 3, 4), height, width));
        Assert.DoesNotContain(Check("a", "b", "c", "d", "e").Findings, other => other.Code == "interpolated-label");
    }

    [Fact]
    public void Gray_values_in_a_colour_file_are_named()
    {
        Write("train", i => Blocks(i, 0, 1));
        byte[] values = Blocks(9, 0, 1).Values;
        File.WriteAllBytes(_root.Combine("labels", "train", "0.png"), ImageFile.EncodeRgb([.. values.SelectMany(value => new[] { value, value, value })], 40, 60));
        File.WriteAllBytes(_root.Combine("labels", "train", "1.png"), ImageFile.EncodeRgb([.. values.SelectMany(value => new byte[] { value, 0, 0 })], 40, 60));
        Finding finding = One(Check("a", "b"), "label-format");
        Assert.Equal(2, finding.Count);
        Assert.Contains("its three channels are equal", finding.Message);
        Assert.Contains("first channel alone", finding.Remedy);
    }

    [Fact]
    public void Images_that_are_their_labels_and_labels_that_are_all_the_same_are_named()
    {
        Write("train", i => Blocks(i, 0, 1));
        byte[] values = Blocks(0, 0, 1).Values;
        ImageFile.WriteRgb(_root.Combine("images", "train", "0.png"), new RgbImage([.. values.SelectMany(value => new[] { value, value, value })], 40, 60));
        Assert.Equal(_root.Combine("images", "train", "0.png"), One(Check("a", "b"), "image-is-label").File);
        Write("train", _ => Blocks(0, 0, 1));
        Assert.Equal(FindingSeverity.Warning, One(Check("a", "b"), "same-label").Severity);
    }

    [Fact]
    public void A_turned_image_is_named_and_paired_upright()
    {
        Write("train", i => Blocks(i, 0, 1));
        RgbImage image = Make.Image(40, 60, 77);
        (byte[] stored, int height, int width) = Exif.Store(image.Pixels, 40, 60, 3, 6);
        File.WriteAllBytes(_root.Combine("images", "train", "0.png"), RawPng.Write(height, width, 8, 2, stored, ("eXIf", Exif.Block(6))));
        CheckReport report = Check("a", "b");
        Finding finding = One(report, "orientation");
        Assert.Equal((FindingSeverity.Warning, _root.Combine("images", "train", "0.png")), (finding.Severity, finding.File));
        Assert.Equal(0, report.Errors);

        // A label drawn over the stored image has its size.
        ImageFile.WriteGray(_root.Combine("labels", "train", "0.png"), new LabelImage(new byte[height * width], height, width));
        Assert.Contains("EXIF orientation 6", One(Check("a", "b"), "size").Message);
    }

    [Theory]
    [InlineData("0=255,1..3=0..2", new[] { 0, 255, 1, 0, 2, 1, 3, 2 })]
    [InlineData("4..6=1, 9=0", new[] { 4, 1, 5, 1, 6, 1, 9, 0 })]
    public void A_table_of_ids_is_read(string text, int[] pairs) =>
        Assert.Equal(pairs.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]), LabelIdTable.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1=2=3")]
    [InlineData("a=1")]
    [InlineData("256=1")]
    [InlineData("3..1=0")]
    [InlineData("1..3=0..1")]
    [InlineData("1..2..3=0")]
    [InlineData("1=0,1=1")]
    public void Another_table_of_ids_is_an_error_of_usage(string text) => Assert.Contains("--ids", Assert.Throws<UsageException>(() => LabelIdTable.Parse(text)).Message);

    [Fact]
    public void A_table_of_ids_survives_its_text()
    {
        LabelEncoding encoding = LabelEncoding.Cityscapes;
        IReadOnlyDictionary<int, int> table = LabelIdTable.Parse(LabelIdTable.Format(encoding.Remap));
        Assert.Equal(CityscapesLabels.IdCount, table.Count);
        Assert.All(table, pair => Assert.Equal(encoding.Remap.TrainIdOf((byte)pair.Key), pair.Value));
    }

    private static Finding One(CheckReport report, string code) => Assert.Single(report.Findings, finding => finding.Code == code);

    private CheckReport Check(params string[] classes) => DatasetCheck.Layout(SegmentationLayout.Create(Options(classes)));

    private LayoutOptions Options(params string[] classes)
    {
        File.WriteAllText(_root.Combine("classes.json"), $"{{\"classes\": [{string.Join(", ", classes.Select(name => $"\"{name}\""))}]}}");
        return new LayoutOptions { Root = _root.Path, Type = "folders", ImageSuffix = ".png" };
    }

    private void Write(string split, Func<int, LabelImage> label)
    {
        for (int i = 0; i < 3; i++)
        {
            LabelImage values = label(i);
            ImageFile.WriteRgb(_root.Combine("images", split, $"{i}.png"), Make.Image(values.Height, values.Width, (split == "val" ? 50 : 0) + i));
            ImageFile.WriteGray(_root.Combine("labels", split, $"{i}.png"), values);
        }
    }

    /// <summary>40×60 pixels in blocks of 8, each with one of the values.</summary>
    private static LabelImage Blocks(int seed, params byte[] values)
    {
        var random = new Random(seed);
        byte[] blocks = [.. Enumerable.Range(0, 40).Select(i => i < values.Length ? values[i] : values[random.Next(values.Length)])];
        return new LabelImage([.. Enumerable.Range(0, 40 * 60).Select(i => blocks[(i / 60 / 8 * 8) + (i % 60 / 8)])], 40, 60);
    }

    private static LabelImage Resize(LabelImage label, int height, int width)
    {
        byte[] rgb = [.. label.Values.SelectMany(value => new[] { value, value, value })], resized = new byte[height * width * 3];
        SegResize.Image(rgb, label.Height, label.Width, resized, height, width);
        return new LabelImage([.. resized.Chunk(3).Select(pixel => pixel[0])], height, width);
    }

    private static LabelImage Nearest(LabelImage label, int height, int width) =>
        new([.. Enumerable.Range(0, height * width).Select(i => label.Values[(i / width * label.Height / height * label.Width) + (i % width * label.Width / width)])], height, width);
}
