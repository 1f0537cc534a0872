using Tessera.Core;

namespace Tessera.Data.Tests.Labels;

public class LabelEncodingTests
{
    private static readonly ClassTable Three = new([new("a", 10, 0, 0), new("b", 0, 20, 0), new("c", 0, 0, 30)]);

    [Fact]
    public void Label_ids_pass_through_a_table_of_ones_own()
    {
        LabelEncoding encoding = LabelEncoding.LabelIds(new Dictionary<int, int> { [5] = 0, [6] = 0, [7] = 2, [0] = 255 }, Three);
        LabelImage label = encoding.Decode(ImageFile.EncodeGray([5, 6, 7, 0], 2, 2), "x");
        Assert.Equal(new byte[] { 5, 6, 7, 0 }, label.Values);
        encoding.Remap.Apply(label.Values, label.Values, 2, "x");
        Assert.Equal(new byte[] { 0, 0, 2, 255 }, label.Values);
        var fault = Assert.Throws<BadFileException>(() => encoding.Remap.Check([5, 6, 0, 8], 2, "some.png"));
        Assert.Contains("some.png", fault.Message);
        Assert.Contains("value 8 at row 1, column 1; label ids are 0, 5..7.", fault.Message);
    }

    [Theory]
    [InlineData(255)]
    [InlineData(3)]
    public void Train_ids_are_kept_and_one_more_value_is_ignored(int ignored)
    {
        LabelEncoding encoding = LabelEncoding.TrainIds(Three, ignored);
        byte[] values = [0, 1, 2, (byte)ignored];
        encoding.Remap.Apply(values, values, 2, "x");
        Assert.Equal(new byte[] { 0, 1, 2, 255 }, values);
        Assert.Throws<BadFileException>(() => encoding.Remap.Check([4], 1, "x"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Palette_indices_come_out_as_stored_at_every_depth(int depth)
    {
        // 5 columns, so that rows end within a byte.
        const int height = 3, width = 5;
        int perByte = 8 / depth, stride = (width + perByte - 1) / perByte;
        byte[] indices = [.. Enumerable.Range(0, height * width).Select(i => (byte)((i * 7) % (1 << Math.Min(depth, 3))))], rows = new byte[height * stride];
        for (int i = 0; i < indices.Length; i++)
        {
            int x = i % width;
            rows[(i / width * stride) + (x / perByte)] |= (byte)(indices[i] << (8 - (depth * ((x % perByte) + 1))));
        }

        // Every colour is black: only the indices can tell the pixels apart.
        byte[] png = RawPng.Write(height, width, depth, 3, rows, ("PLTE", new byte[3 << depth]));
        Assert.Equal(indices, LabelEncoding.Palette(ClassTable.Cityscapes).Decode(png, "x").Values);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_row_filter_of_png_is_undone(int filter)
    {
        LabelImage label = Make.TrainIds(20, 31);
        byte[] png = RawPng.Filtered(label, filter, new byte[256 * 3]);
        Assert.Equal(label.Values, LabelEncoding.Palette(ClassTable.Cityscapes).Decode(png, "x").Values);
    }

    [Fact]
    public void A_class_map_that_Tessera_wrote_is_a_palette_label()
    {
        LabelImage label = Make.TrainIds(33, 47);
        byte[] png = ImageFile.EncodeClassMap(label.Values, 33, 47, ClassTable.Cityscapes);
        Assert.Equal(label.Values, LabelEncoding.Palette(ClassTable.Cityscapes).Decode(png, "x").Values);
    }

    [Fact]
    public void Colours_become_train_ids_also_with_alpha()
    {
        LabelEncoding encoding = LabelEncoding.Rgb(Three, [new ColourClass(9, 9, 9, 255), new ColourClass(8, 8, 8, 1)]);
        byte[] rgb = [0, 20, 0, 0, 0, 30, 9, 9, 9, 8, 8, 8];
        Assert.Equal(new byte[] { 1, 2, 255, 1 }, encoding.Decode(ImageFile.EncodeRgb(rgb, 2, 2), "x").Values);
        byte[] rgba = RawPng.Write(1, 2, 8, 6, [10, 0, 0, 255, 0, 0, 30, 255]);
        Assert.Equal(new byte[] { 0, 2 }, encoding.Decode(rgba, "x").Values);
    }

    [Fact]
    public void An_unknown_colour_is_an_error_that_names_file_colour_and_pixel_unless_told_to_ignore()
    {
        byte[] png = ImageFile.EncodeRgb([10, 0, 0, 0, 20, 0, 1, 2, 3, 10, 0, 0], 2, 2);
        var fault = Assert.Throws<BadFileException>(() => LabelEncoding.Rgb(Three).Decode(png, "dir/c.png"));
        Assert.Contains("dir/c.png", fault.Message);
        Assert.Contains("(1, 2, 3) at row 1, column 0", fault.Message);
        Assert.Contains("--ignore-unknown-colours", fault.Message);
        Assert.Equal(new byte[] { 0, 1, 255, 0 }, LabelEncoding.Rgb(Three, ignoreUnknown: true).Decode(png, "x").Values);
    }

    [Fact]
    public void Files_of_another_encoding_are_errors_that_name_the_right_one()
    {
        byte[] gray = ImageFile.EncodeGray(new byte[4], 2, 2), colours = ImageFile.EncodeRgb(new byte[12], 2, 2), palette = ImageFile.EncodeClassMap(new byte[4], 2, 2, Three);
        Assert.Contains("--labels rgb", Fault(LabelEncoding.Cityscapes, colours));
        Assert.Contains("--labels palette", Fault(LabelEncoding.TrainIds(Three), palette));
        Assert.Contains("--labels train-ids", Fault(LabelEncoding.Palette(Three), gray));
        Assert.Contains("--labels rgb", Fault(LabelEncoding.Palette(Three), colours));
        Assert.Contains("--labels train-ids", Fault(LabelEncoding.Rgb(Three), gray));
        Assert.Contains("16-bit", Fault(LabelEncoding.Rgb(Three), RawPng.Write(1, 1, 16, 2, new byte[6])));

        static string Fault(LabelEncoding encoding, byte[] png) => Assert.Throws<BadFileException>(() => encoding.Decode(png, "x")).Message;
    }

    [Fact]
    public void A_truncated_or_damaged_palette_label_is_an_error()
    {
        LabelEncoding encoding = LabelEncoding.Palette(ClassTable.Cityscapes);
        byte[] png = ImageFile.EncodeClassMap(Make.TrainIds(40, 50).Values, 40, 50, ClassTable.Cityscapes);
        for (int length = 0; length < png.Length; length += 97)
        {
            Assert.Throws<BadFileException>(() => encoding.Decode(png.AsSpan(0, length), "x"));
        }

        for (int at = 33; at < png.Length; at += 61)
        {
            byte[] damaged = [.. png];
            damaged[at] ^= 0x55;
            Assert.Throws<BadFileException>(() => encoding.Decode(damaged, "x"));
        }
    }

    [Fact]
    public void Tables_that_contradict_themselves_are_usage_errors()
    {
        Assert.Throws<UsageException>(() => LabelEncoding.TrainIds(Three, 2));
        Assert.Throws<UsageException>(() => LabelEncoding.LabelIds(new Dictionary<int, int> { [1] = 3 }, Three));
        Assert.Throws<UsageException>(() => LabelEncoding.LabelIds(new Dictionary<int, int> { [256] = 0 }, Three));
        Assert.Throws<UsageException>(() => LabelEncoding.LabelIds(new Dictionary<int, int>(), Three));
        Assert.Throws<UsageException>(() => LabelEncoding.Rgb(new ClassTable([new("a", 1, 1, 1), new("b", 1, 1, 1)])));
        Assert.Throws<UsageException>(() => LabelEncoding.Rgb(Three, [new ColourClass(10, 0, 0, 1)]));
    }
}
