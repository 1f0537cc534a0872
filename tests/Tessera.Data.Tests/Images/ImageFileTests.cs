using System.Buffers.Binary;
using SkiaSharp;
using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Images;

public class ImageFileTests
{
    [Fact]
    public void A_gray_label_gives_exactly_its_256_stored_values()
    {
        byte[] values = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        Assert.Equal(values, ImageFile.DecodeLabel(RawPng.Write(16, 16, 8, 0, values), "x").Values);
    }

    [Fact]
    public void Gamma_and_colour_space_chunks_do_not_change_label_values_or_colours()
    {
        var gamma = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(gamma, 100000);
        byte[] values = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        Assert.Equal(values, ImageFile.DecodeLabel(RawPng.Write(16, 16, 8, 0, values, ("gAMA", gamma)), "x").Values);
        Assert.Equal(values, ImageFile.DecodeLabel(RawPng.Write(16, 16, 8, 0, values, ("sRGB", [0])), "x").Values);
        RgbImage image = Make.Image(5, 7);
        Assert.Equal(image.Pixels, ImageFile.DecodeRgb(RawPng.Write(5, 7, 8, 2, image.Pixels, ("gAMA", gamma)), "x").Pixels);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(37, 61)]
    public void Rgb_and_gray_survive_a_round_trip_through_png(int height, int width)
    {
        RgbImage image = Make.Image(height, width);
        RgbImage back = ImageFile.DecodeRgb(ImageFile.EncodeRgb(image.Pixels, height, width), "x");
        Assert.Equal((height, width), (back.Height, back.Width));
        Assert.Equal(image.Pixels, back.Pixels);
        LabelImage label = Make.Ids(height, width);
        Assert.Equal(label.Values, ImageFile.DecodeLabel(ImageFile.EncodeGray(label.Values, height, width), "x").Values);
    }

    [Fact]
    public void Transparent_pixels_keep_their_colours()
    {
        byte[] rgba = [10, 20, 30, 0, 40, 50, 60, 128];
        Assert.Equal(new byte[] { 10, 20, 30, 40, 50, 60 }, ImageFile.DecodeRgb(RawPng.Write(1, 2, 8, 6, rgba), "x").Pixels);
    }

    [Fact]
    public void A_jpeg_is_read_as_rgb()
    {
        using var bitmap = new SKBitmap(16, 8);
        bitmap.Erase(new SKColor(200, 100, 50));
        using SKData jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);
        RgbImage image = ImageFile.DecodeRgb(jpeg.AsSpan(), "x");
        Assert.Equal((8, 16), (image.Height, image.Width));

        // JPEG is lossy; a flat colour comes back within a few levels.
        Assert.InRange(image.Pixels[0], 196, 204);
        Assert.InRange(image.Pixels[1], 96, 104);
        Assert.InRange(image.Pixels[2], 46, 54);
    }

    [Fact]
    public void A_class_map_keeps_its_indices_and_shows_the_palette()
    {
        byte[] map = [0, 13, 255, 18];
        byte[] png = ImageFile.EncodeClassMap(map, 2, 2, ClassTable.Cityscapes);
        Assert.Equal(new byte[] { 128, 64, 128, 0, 0, 142, 0, 0, 0, 119, 11, 32 }, ImageFile.DecodeRgb(png, "x").Pixels);
        Assert.Equal(3, png[25]);
    }

    [Theory]
    [InlineData(16, 0, 2, "16-bit gray")]
    [InlineData(8, 6, 4, "8-bit RGBA")]
    [InlineData(8, 2, 3, "8-bit RGB")]
    [InlineData(8, 4, 2, "8-bit gray with alpha")]
    public void A_label_of_another_format_is_an_error_that_says_what_it_is(int depth, int colourType, int pixelBytes, string what)
    {
        byte[] png = RawPng.Write(2, 2, depth, colourType, new byte[4 * pixelBytes]);
        var fault = Assert.Throws<BadFileException>(() => ImageFile.DecodeLabel(png, "some/label.png"));
        Assert.Contains("some/label.png", fault.Message);
        Assert.Contains(what, fault.Message);
    }

    [Fact]
    public void A_palette_label_is_an_error()
    {
        byte[] png = RawPng.Write(1, 2, 8, 3, [0, 1], ("PLTE", [1, 2, 3, 4, 5, 6]));
        Assert.Contains("palette", Assert.Throws<BadFileException>(() => ImageFile.DecodeLabel(png, "label.png")).Message);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.01)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void A_truncated_file_is_an_error_that_names_it(double kept)
    {
        byte[] image = ImageFile.EncodeRgb(Make.Image(50, 70).Pixels, 50, 70);
        byte[] label = ImageFile.EncodeGray(Make.Ids(50, 70).Values, 50, 70);
        Assert.Contains("a.png", Assert.Throws<BadFileException>(() => ImageFile.DecodeRgb(image.AsSpan(0, (int)(kept * image.Length)), "a.png")).Message);
        Assert.Contains("b.png", Assert.Throws<BadFileException>(() => ImageFile.DecodeLabel(label.AsSpan(0, (int)(kept * label.Length)), "b.png")).Message);
    }

    [Fact]
    public void A_flipped_byte_in_the_pixels_is_an_error()
    {
        byte[] png = ImageFile.EncodeRgb(Make.Image(50, 70).Pixels, 50, 70);
        png[png.Length / 2] ^= 0xFF;
        Assert.Throws<BadFileException>(() => ImageFile.DecodeRgb(png, "a.png"));
    }

    [Fact]
    public void A_missing_file_and_a_file_that_is_no_image_are_errors_that_name_it()
    {
        using var folder = new TempFolder();
        string missing = folder.Combine("missing.png"), text = folder.Combine("text.png");
        File.WriteAllText(text, "hello");
        Assert.Contains(missing, Assert.Throws<BadFileException>(() => ImageFile.ReadRgb(missing)).Message);
        Assert.Contains(text, Assert.Throws<BadFileException>(() => ImageFile.ReadRgb(text)).Message);
        Assert.Contains(text, Assert.Throws<BadFileException>(() => ImageFile.ReadLabel(text)).Message);
    }
}
