using System.Buffers.Binary;
using Tessera.Core;

namespace Tessera.Data.Tests.Images;

public class ImageOrientationTests
{
    private const int Height = 5, Width = 7;

    public static TheoryData<int> Orientations => [1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [MemberData(nameof(Orientations))]
    public void A_png_image_is_turned_upright(int orientation)
    {
        RgbImage upright = Make.Image(Height, Width);
        (byte[] stored, int height, int width) = Exif.Store(upright.Pixels, Height, Width, 3, orientation);
        foreach (bool little in new[] { true, false })
        {
            RgbImage read = ImageFile.DecodeRgb(RawPng.Write(height, width, 8, 2, stored, ("eXIf", Exif.Block(orientation, little))), "x");
            Assert.Equal((Height, Width), (read.Height, read.Width));
            Assert.Equal(upright.Pixels, read.Pixels);
        }
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void A_jpeg_image_is_turned_upright(int orientation)
    {
        // Four flat quarters: JPEG keeps them apart from each other whatever it loses.
        byte[] upright = Quarters(16, 32);
        (byte[] stored, int height, int width) = Exif.Store(upright, 16, 32, 3, orientation);
        byte[] jpeg = Exif.EncodeJpeg(stored, height, width);
        foreach (bool little in new[] { true, false })
        {
            RgbImage read = ImageFile.DecodeRgb(Exif.Jpeg(jpeg, orientation, little), "x");
            Assert.Equal((16, 32), (read.Height, read.Width));
            Assert.All(Enumerable.Range(0, upright.Length), i => Assert.InRange(read.Pixels[i] - upright[i], -12, 12));
        }
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void Labels_of_every_kind_are_turned_upright(int orientation)
    {
        byte[] values = [.. Enumerable.Range(0, Height * Width).Select(i => (byte)(i * 3 % 19))];
        (byte[] stored, int height, int width) = Exif.Store(values, Height, Width, 1, orientation);
        (string, byte[]) exif = ("eXIf", Exif.Block(orientation));
        byte[] colours = [.. stored.SelectMany(value => Colour(ClassTable.Cityscapes.Classes[value]))];
        LabelImage[] read =
        [
            ImageFile.DecodeLabel(RawPng.Write(height, width, 8, 0, stored, exif), "x"),
            LabelEncoding.Palette(ClassTable.Cityscapes).Decode(RawPng.Write(height, width, 8, 3, stored, ("PLTE", new byte[768]), exif), "x"),
            LabelEncoding.Rgb(ClassTable.Cityscapes).Decode(RawPng.Write(height, width, 8, 2, colours, exif), "x"),
        ];
        Assert.All(read, label =>
        {
            Assert.Equal((Height, Width), (label.Height, label.Width));
            Assert.Equal(values, label.Values);
        });

        static byte[] Colour(ClassEntry entry) => [entry.Red, entry.Green, entry.Blue];
    }

    [Theory]
    [InlineData(6)]
    [InlineData(3)]
    public void The_image_of_a_record_is_turned_upright(int orientation)
    {
        // The first stored channel of a record is blue.
        byte[] upright = Quarters(16, 32), swapped = [.. upright.Chunk(3).SelectMany(pixel => pixel.Reverse())];
        (byte[] stored, int height, int width) = Exif.Store(swapped, 16, 32, 3, orientation);
        byte[] body = [16, 0, 32, 0, .. Exif.Jpeg(Exif.EncodeJpeg(stored, height, width), orientation), .. new byte[16 * 32]], record = [0xC6, 0, 0, 0, 0, .. body];
        BinaryPrimitives.WriteInt32BigEndian(record.AsSpan(1), body.Length);
        RgbImage read = SampleRecord.Decode(record, "x").Image;
        Assert.Equal((16, 32), (read.Height, read.Width));
        Assert.All(Enumerable.Range(0, upright.Length), i => Assert.InRange(read.Pixels[i] - upright[i], -12, 12));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(255)]
    public void An_orientation_that_does_not_exist_turns_nothing(int orientation)
    {
        RgbImage image = Make.Image(Height, Width);
        Assert.Equal(image.Pixels, ImageFile.DecodeRgb(RawPng.Write(Height, Width, 8, 2, image.Pixels, ("eXIf", Exif.Block(orientation))), "x").Pixels);
        Assert.Equal(image.Pixels, ImageFile.DecodeRgb(RawPng.Write(Height, Width, 8, 2, image.Pixels, ("eXIf", Exif.Block(3)[..12])), "x").Pixels);
    }

    private static byte[] Quarters(int height, int width)
    {
        byte[][] colours = [[200, 40, 60], [30, 180, 90], [50, 70, 210], [220, 200, 40]];
        return [.. Enumerable.Range(0, height * width).SelectMany(i => colours[(i / width < height / 2 ? 0 : 2) + (i % width < width / 2 ? 0 : 1)])];
    }
}
