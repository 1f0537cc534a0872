using Tessera.Core;

namespace Tessera.Data.Tests.Packs;

public class SampleRecordTests
{
    [Fact]
    public void A_record_survives_a_round_trip()
    {
        RgbImage image = Make.Image(40, 60);
        LabelImage label = Make.Ids(40, 60);
        (RgbImage backImage, LabelImage backLabel) = SampleRecord.Decode(SampleRecord.Encode(image, label, "x"), "x");
        Assert.Equal(image.Pixels, backImage.Pixels);
        Assert.Equal(label.Values, backLabel.Values);
        Assert.Equal((40, 60, 40, 60), (backImage.Height, backImage.Width, backLabel.Height, backLabel.Width));
    }

    [Fact]
    public void A_record_is_laid_out_as_hat_writes_it()
    {
        RgbImage image = Make.Image(300, 2);
        LabelImage label = Make.Ids(300, 2);
        byte[] record = SampleRecord.Encode(image, label, "x");

        // MessagePack bin 16, then height 300 and width 2 as little-endian uint16.
        Assert.Equal(0xC5, record[0]);
        Assert.Equal(record.Length - 3, (record[1] << 8) | record[2]);
        Assert.Equal(new byte[] { 0x2C, 0x01, 0x02, 0x00 }, record[3..7]);
        Assert.Equal(label.Values, record[^600..]);

        // The file's stored channels are B, G, R.
        RgbImage stored = ImageFile.DecodeRgb(record.AsSpan(7, record.Length - 7 - 600), "x");
        for (int i = 0; i < image.Pixels.Length; i += 3)
        {
            Assert.Equal((image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]), (stored.Pixels[i + 2], stored.Pixels[i + 1], stored.Pixels[i]));
        }
    }

    [Fact]
    public void An_image_and_a_label_of_different_sizes_are_an_error_with_both_sizes()
    {
        var fault = Assert.Throws<BadFileException>(() => SampleRecord.Encode(Make.Image(4, 6), Make.Ids(6, 4), "aachen_1"));
        Assert.Contains("aachen_1", fault.Message);
        Assert.Contains("4x6", fault.Message);
        Assert.Contains("6x4", fault.Message);
    }

    [Fact]
    public void A_record_whose_header_was_changed_is_an_error_that_names_it()
    {
        byte[] record = SampleRecord.Encode(Make.Image(40, 60), Make.Ids(40, 60), "x");
        byte[] swapped = [.. record];
        (swapped[3], swapped[5]) = (swapped[5], swapped[3]);
        Assert.Contains("record 7", Assert.Throws<BadFileException>(() => SampleRecord.Decode(swapped, "record 7")).Message);
        byte[] huge = [.. record];
        huge[4] = huge[6] = 0xFF;
        Assert.Contains("record 7", Assert.Throws<BadFileException>(() => SampleRecord.Decode(huge, "record 7")).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1000)]
    public void A_truncated_record_is_an_error_that_names_it(int length)
    {
        byte[] record = SampleRecord.Encode(Make.Image(40, 60), Make.Ids(40, 60), "x");
        Assert.Contains("record 7", Assert.Throws<BadFileException>(() => SampleRecord.Decode(record.AsMemory(0, length), "record 7")).Message);
    }

    [Fact]
    public void Bytes_of_another_messagepack_type_are_an_error()
    {
        Assert.Throws<BadFileException>(() => SampleRecord.Decode(new byte[] { 0xC0 }, "x"));
        Assert.Throws<BadFileException>(() => SampleRecord.Decode(new byte[] { 0xA3, 1, 2, 3 }, "x"));
        Assert.Throws<BadFileException>(() => SampleRecord.Decode(new byte[] { 0xC4, 2, 1, 2 }, "x"));
    }
}
