using System.Text;
using Tessera.Core;

namespace Tessera.Data.Tests.Images;

public class HostileImageTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    [InlineData(3)]
    public void A_header_of_60000_by_60000_is_refused_before_memory_is_taken(int colourType)
    {
        byte[] file = WithSize(RawPng.Write(4, 4, 8, colourType, new byte[4 * 4 * (colourType == 2 ? 3 : 1)], ("PLTE", new byte[768])), 60_000, 60_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Func<ReadOnlyMemory<byte>, object> read = colourType switch
        {
            2 => bytes => ImageFile.DecodeRgb(bytes.Span, "dir/lie.png"),
            0 => bytes => ImageFile.DecodeLabel(bytes.Span, "dir/lie.png"),
            _ => bytes => ImageFile.DecodePaletteIndices(bytes.Span, "dir/lie.png"),
        };
        string message = Assert.Throws<BadFileException>(() => read(file)).Message;
        Assert.Contains("dir/lie.png has 60000x60000 pixels by its header, 3600 megapixels; images of up to 100 are read.", message);
        Assert.EndsWith("Make it smaller.", message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_header_within_the_limit_that_the_file_cannot_fill_is_refused_before_memory_is_taken()
    {
        byte[] file = WithSize(RawPng.Write(4, 4, 8, 0, new byte[16]), 9000, 9000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("truncated", Assert.Throws<BadFileException>(() => ImageFile.DecodeLabel(file, "x")).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_jpeg_header_within_the_limit_that_the_file_cannot_fill_is_refused_before_memory_is_taken()
    {
        byte[] jpeg = Exif.EncodeJpeg(new byte[48], 4, 4);
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        (jpeg[frame + 5], jpeg[frame + 6], jpeg[frame + 7], jpeg[frame + 8]) = (0x23, 0x28, 0x23, 0x28);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("9000x9000 by its header, ends too early", Assert.Throws<BadFileException>(() => ImageFile.DecodeRgb(jpeg, "x")).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [InlineData(20_000u, 20_000u, "raise the limit with --max-megapixels")]
    [InlineData(30_000u, 30_000u, "megapixels; images of up to 100 are read. Make it smaller.")]
    public void A_higher_limit_is_advised_only_where_it_can_be_given(uint height, uint width, string advice) =>
        Assert.Contains(advice, Assert.Throws<BadFileException>(() => ImageFile.DecodeRgb(WithSize(RawPng.Write(4, 4, 8, 2, new byte[48]), height, width), "x")).Message);

    [Theory]
    [InlineData(0u, 4u)]
    [InlineData(4u, 0u)]
    [InlineData(uint.MaxValue, uint.MaxValue)]
    [InlineData(1u, uint.MaxValue)]
    public void Impossible_sizes_are_refused(uint height, uint width) =>
        Assert.Contains("by its header", Assert.Throws<BadFileException>(() => ImageFile.DecodeRgb(WithSize(RawPng.Write(4, 4, 8, 2, new byte[48]), height, width), "x")).Message);

    [Fact]
    public void The_limit_counts_pixels_and_can_be_changed()
    {
        byte[] fits = ImageFile.EncodeGray(new byte[1_000_000], 1000, 1000), more = ImageFile.EncodeGray(new byte[1_001_000], 1001, 1000), jpeg = Exif.EncodeJpeg(new byte[48], 4, 4);
        Assert.Equal(1000, ImageFile.DecodeLabel(fits, "x", maxMegapixels: 1).Height);
        Assert.Throws<BadFileException>(() => ImageFile.DecodeLabel(more, "x", maxMegapixels: 1));
        Assert.Throws<BadFileException>(() => ImageFile.DecodeRgb(more, "x", maxMegapixels: 1));
        Assert.Equal(1001, ImageFile.DecodeLabel(more, "x", maxMegapixels: 2).Height);
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        (jpeg[frame + 5], jpeg[frame + 6], jpeg[frame + 7], jpeg[frame + 8]) = (0xEA, 0x60, 0xEA, 0x60);
        Assert.Contains("60000x60000", Assert.Throws<BadFileException>(() => ImageFile.DecodeRgb(jpeg, "x")).Message);
        Assert.Throws<UsageException>(() => ImageLimit.Require(0));
        Assert.Throws<UsageException>(() => ImageLimit.Require(501));
    }

    [Fact]
    public void A_records_image_must_have_its_labels_size_before_it_is_decoded()
    {
        byte[] png = WithSize(RawPng.Write(4, 4, 8, 2, new byte[48]), 20_000, 20_000);
        byte[] record = [0xC4, (byte)(4 + png.Length + 16), 4, 0, 4, 0, .. png, .. new byte[16]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<BadFileException>(() => SampleRecord.Decode(record, "record 0"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Compressed_texts_and_profiles_are_not_expanded()
    {
        byte[] bomb = RawPng.Deflate(new byte[64 << 20]);
        RgbImage image = Make.Image(5, 7);
        byte[] file = RawPng.Write(
            5, 7, 8, 2, image.Pixels, ("iCCP", [.. "profile\0\0"u8, .. bomb]), ("zTXt", [.. "text\0\0"u8, .. bomb]), ("iTXt", [.. "text\0\u0001\0\0\0"u8, .. bomb]), ("acTL", [0, 0, 0, 9, 0, 0, 0, 0]));
        Assert.Equal(image.Pixels, ImageFile.DecodeRgb(file, "x").Pixels);
        Assert.InRange(PngContent.PixelsOnly(file).Length, 1, 500);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public void Pixel_data_that_do_not_end_with_the_last_row_cost_nothing(int colourType)
    {
        var rows = new byte[8 * (8 * (colourType == 2 ? 3 : 1))];
        byte[] file = RawPng.WriteEndless(8, 8, colourType, rows, 64 << 20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(8, colourType switch { 0 => ImageFile.DecodeLabel(file, "x").Height, 2 => ImageFile.DecodeRgb(file, "x").Height, _ => ImageFile.DecodePaletteIndices(file, "x").Height });
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void A_gray_label_with_a_transparent_value_is_read()
    {
        byte[] values = [7, 8, 11, 26];
        Assert.Equal(values, ImageFile.DecodeLabel(RawPng.Write(2, 2, 8, 0, values, ("tRNS", [0, 8])), "x").Values);
    }

    [Fact]
    public void Sixteen_bits_are_reduced_to_the_upper_eight_and_gray_becomes_three_equal_channels()
    {
        Assert.Equal(new byte[] { 0x12, 0x56, 0xFF }, ImageFile.DecodeRgb(RawPng.Write(1, 1, 16, 2, [0x12, 0x34, 0x56, 0x10, 0xFF, 0xFF]), "x").Pixels);
        Assert.Equal(new byte[] { 9, 9, 9, 200, 200, 200 }, ImageFile.DecodeRgb(RawPng.Write(1, 2, 8, 0, [9, 200]), "x").Pixels);
        Assert.Equal(new byte[] { 9, 9, 9 }, ImageFile.DecodeRgb(RawPng.Write(1, 1, 8, 4, [9, 0]), "x").Pixels);
    }

    [Theory]
    [InlineData("GIF89a\u0001\0\u0001\0", "a GIF image")]
    [InlineData("BM6\0\0\0", "a BMP image")]
    [InlineData("RIFF\u0010\0\0\0WEBPVP8 ", "a WebP image")]
    [InlineData("\0\0\u0001\0\u0001\0", "an ICO image")]
    [InlineData("II*\0\b\0\0\0", "a TIFF image")]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0", "a HEIF image")]
    [InlineData("\0\0\0\u0018ftypavif\0\0\0\0", "an AVIF image")]
    [InlineData("P6\n2 2\n255\n", "a PNM image")]
    [InlineData("<!DOCTYPE html>", "a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "a Git LFS pointer")]
    [InlineData("", "an empty file")]
    [InlineData("hello", "no known kind of image")]
    public void Another_format_is_named(string content, string format)
    {
        byte[] file = Encoding.Latin1.GetBytes(content);
        Assert.Contains($"a.png is {format}", Assert.Throws<BadFileException>(() => ImageFile.DecodeRgb(file, "a.png")).Message);
        Assert.Contains($"a.png is {format}", Assert.Throws<BadFileException>(() => ImageFile.DecodeLabel(file, "a.png")).Message);
    }

    [Fact]
    public void A_jpeg_label_is_refused_whatever_its_name_is()
    {
        byte[] jpeg = Exif.EncodeJpeg(new byte[48], 4, 4);
        Assert.Contains("a.png is a JPEG image, not a PNG file", Assert.Throws<BadFileException>(() => ImageFile.DecodeLabel(jpeg, "a.png")).Message);
    }

    [Theory]
    [InlineData(4, 12, "12 bits per channel")]
    [InlineData(9, 4, "four channels (CMYK)")]
    [InlineData(9, 2, "2 channels")]
    [InlineData(1, 0xC3, "lossless")]
    [InlineData(1, 0xC9, "arithmetic")]
    public void A_jpeg_of_a_kind_that_is_not_read_is_named(int offset, int value, string kind)
    {
        byte[] jpeg = Exif.EncodeJpeg(new byte[48], 4, 4);
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        jpeg[frame + offset] = (byte)value;
        Assert.Contains(kind, Assert.Throws<BadFileException>(() => ImageFile.DecodeRgb(jpeg, "a.jpg")).Message);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.7)]
    [InlineData(0.98)]
    public void A_truncated_jpeg_is_an_error(double kept)
    {
        byte[] jpeg = Exif.EncodeJpeg(Make.Image(64, 64).Pixels, 64, 64);
        Assert.Contains("truncated", Assert.Throws<BadFileException>(() => ImageFile.DecodeRgb(jpeg.AsSpan(0, (int)(kept * jpeg.Length)), "a.jpg")).Message);
    }

    private static byte[] WithSize(byte[] png, uint height, uint width) => RawPng.WithHeader(png, height, width);
}
