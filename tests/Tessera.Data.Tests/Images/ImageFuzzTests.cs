using System.Text;
using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Images;

/// <summary>Mutated files: whatever they hold, the readers answer with pixels or with one explained fault.</summary>
public sealed class ImageFuzzTests : IDisposable
{
    private const int Rounds = 700;

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Kinds => ["rgb png", "gray png", "palette png", "png with exif", "jpeg"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Mutated_images_are_read_or_explained(string kind)
    {
        byte[] seed = kind switch
        {
            "rgb png" => ImageFile.EncodeRgb(Make.Image(9, 14).Pixels, 9, 14),
            "gray png" => ImageFile.EncodeGray(Make.Ids(9, 14).Values, 9, 14),
            "palette png" => ImageFile.EncodeClassMap(Make.TrainIds(9, 14).Values, 9, 14, ClassTable.Cityscapes),
            "png with exif" => RawPng.Write(9, 14, 8, 2, Make.Image(9, 14).Pixels, ("eXIf", Exif.Block(6)), ("zTXt", [.. "a\0\0"u8, 1, 2, 3]), ("tRNS", [0, 1, 0, 2, 0, 3])),
            _ => Exif.Jpeg(Exif.EncodeJpeg(Make.Image(9, 14).Pixels, 9, 14), 7),
        };
        var random = new Random(8);
        int read = 0, explained = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] file = Mutate(seed, random);
            Try(() => ImageFile.DecodeRgb(file, "x"));
            Try(() => ImageFile.DecodeLabel(file, "x"));
            Try(() => ImageFile.DecodePaletteIndices(file, "x"));
            Try(() => LabelEncoding.Rgb(ClassTable.Cityscapes).Decode(file, "x"));
            Try(() => SampleRecord.Decode(file, "x"));
        }

        // Both happen, or the mutations are too weak or too strong to test anything.
        Assert.InRange(explained, Rounds, (Rounds * 5) - 1);
        Assert.InRange(read, 1, Rounds * 5);

        void Try(Action decode)
        {
            try
            {
                decode();
                read++;
            }
            catch (TesseraException)
            {
                explained++;
            }
        }
    }

    [Fact]
    public void Mutated_class_files_are_read_or_explained()
    {
        byte[] seed = Encoding.UTF8.GetBytes("""{"classes": [{"name": "sky", "color": [70, 130, 180], "ids": [23]}, "road", {"name": "é"}], "ignore": 255, "ignore_ids": [0], "ids": {"7": 1}, "ignore_colors": [[0, 0, 0]]}""");
        var random = new Random(9);
        int explained = 0;
        for (int round = 0; round < Rounds * 2; round++)
        {
            File.WriteAllBytes(_folder.Combine("c.json"), Mutate(seed, random));
            try
            {
                LayoutOptions options = new() { Root = _folder.Path, Type = "folders", Classes = "c.json", Labels = new[] { "ids", "train-ids", "palette", "rgb" }[round % 4] };
                Assert.InRange(SegmentationLayout.Create(options).Encoding.Classes.Count, 1, 255);
            }
            catch (TesseraException)
            {
                explained++;
            }
        }

        Assert.InRange(explained, Rounds, (Rounds * 2) - 1);
    }

    /// <summary>Flips, sets, repeats, removes or inserts bytes, or cuts the end off.</summary>
    private static byte[] Mutate(byte[] seed, Random random)
    {
        List<byte> file = [.. seed];
        for (int n = random.Next(1, 4); n > 0 && file.Count > 1; n--)
        {
            int at = random.Next(file.Count), length = random.Next(1, Math.Min(9, file.Count - at + 1));
            switch (random.Next(7))
            {
                case 0:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    file[at] = new byte[] { 0, 1, 127, 128, 255 }[random.Next(5)];
                    break;
                case 2:
                    file.RemoveRange(at, length);
                    break;
                case 3:
                    file.InsertRange(at, file.GetRange(at, length));
                    break;
                case 4:
                    file.Insert(at, (byte)random.Next(256));
                    break;
                case 5:
                    // Sizes and lengths stand near the beginning.
                    file[Math.Min(file.Count - 1, random.Next(40))] = (byte)random.Next(256);
                    break;
                default:
                    file.RemoveRange(at, random.Next(4) == 0 ? file.Count - at : 1);
                    break;
            }
        }

        return [.. file];
    }
}
