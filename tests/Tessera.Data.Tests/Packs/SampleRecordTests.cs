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

    [Theory]
    [InlineData(ImageCodec.Raw)]
    [InlineData(ImageCodec.Lz4)]
    public void An_uncompressed_or_lz4_record_survives_a_round_trip_and_damage_is_one_error(ImageCodec codec)
    {
        foreach ((int height, int width) in new[] { (1, 1), (3, 5), (40, 60) })
        {
            // Half noise, half flat, so that LZ4 has something to find.
            RgbImage image = Make.Image(height, width);
            image.Pixels.AsSpan(image.Pixels.Length / 2).Fill(7);
            byte[] record = SampleRecord.Encode(image, Make.Ids(height, width), "x", codec);
            Assert.Equal(image.Pixels, SampleRecord.Decode(record, "x").Image.Pixels);

            // Cut within the image, header mended: what a damaged disk may give.
            int stored = record.Length - Header(record) - 4 - (height * width);
            for (int cut = 1; cut < Math.Min(stored, 200); cut += 7)
            {
                byte[] shorter = Wrap(record.AsSpan(0, record.Length)[Header(record)..], cut, height * width);
                Assert.Contains("record 7", Assert.Throws<BadFileException>(() => SampleRecord.Decode(shorter, "record 7")).Message);
            }

            for (int at = Header(record); at < record.Length; at += 13)
            {
                byte[] changed = [.. record];
                changed[at] ^= 0xA5;
                Assert.True(Record.Exception(() => SampleRecord.Decode(changed, "x")) is null or BadFileException, $"byte {at}");
            }
        }

        static int Header(byte[] record) => record[0] switch { 0xC4 => 2, 0xC5 => 3, _ => 5 };

        static byte[] Wrap(ReadOnlySpan<byte> body, int cut, int labelLength)
        {
            byte[] shorter = [.. body[..^(labelLength + cut)], .. body[^labelLength..]];
            return [0xC6, (byte)(shorter.Length >> 24), (byte)(shorter.Length >> 16), (byte)(shorter.Length >> 8), (byte)shorter.Length, .. shorter];
        }
    }

    [Fact]
    public void An_lz4_image_that_claims_a_huge_length_is_refused_before_anything_is_allocated()
    {
        byte[] record = SampleRecord.Encode(new RgbImage(new byte[4800], 40, 40), Make.Ids(40, 40), "x", ImageCodec.Lz4);
        int at = record.AsSpan().IndexOf("TSL4"u8) + 4;

        // The extension's content starts with the unpacked length, an int32 of MessagePack (0xD2).
        int length = record.AsSpan(at).IndexOf((byte)0xD2) + at;
        Assert.Equal(4803, (record[length + 3] << 8) | record[length + 4]);
        record[length + 1] = 0x7F;
        Assert.Contains("LZ4", Assert.Throws<BadFileException>(() => SampleRecord.Decode(record, "x")).Message);
    }
}
