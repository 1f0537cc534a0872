using Tessera.Data;

namespace Tessera.Cli.Tests;

/// <summary>A few generated streets in the Cityscapes layout: sky, road, a building, a car at a random place, and an ignored border.</summary>
public static class TinyStreets
{
    private const byte Sky = 23, Road = 7, Building = 11, Car = 26, Ignored = 3;

    /// <summary>Writes train and val images of 64×128 pixels, and one of another size in val.</summary>
    public static void Write(string root, int train = 4, int val = 3)
    {
        for (int i = 0; i < train; i++)
        {
            WritePair(root, "train", i, 64, 128);
        }

        for (int i = 0; i < val; i++)
        {
            WritePair(root, "val", 100 + i, i == 0 ? 70 : 64, i == 0 ? 150 : 128);
        }
    }

    /// <summary>The image file of a sample.</summary>
    public static string ImagePath(string root, string split, int number) => Path.Combine(root, "leftImg8bit", split, "town", $"town_000000_{number:D6}_leftImg8bit.png");

    /// <summary>The label file of a sample.</summary>
    public static string LabelPath(string root, string split, int number) => Path.Combine(root, "gtFine", split, "town", $"town_000000_{number:D6}_gtFine_labelIds.png");

    private static void WritePair(string root, string split, int number, int height, int width)
    {
        var random = new Random(number);
        int carX = random.Next(10, width - 40), horizon = random.Next((height / 3) - 4, (height / 3) + 4);
        var rgb = new byte[height * width * 3];
        var label = new byte[height * width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bool isCar = x >= carX && x < carX + 24 && y >= height / 2 && y < (height / 2) + 14;
                byte id = x < 2 ? Ignored : isCar ? Car : y < horizon ? Sky : y < height / 2 ? Building : Road;
                (int r, int g, int b) = id switch { Sky => (120, 170, 230), Road => (90, 85, 90), Building => (150, 110, 80), Car => (20, 20, 160), _ => (0, 0, 0) };
                int at = (y * width) + x, noise = random.Next(-8, 9);
                label[at] = id;
                rgb[at * 3] = (byte)Math.Clamp(r + noise, 0, 255);
                rgb[(at * 3) + 1] = (byte)Math.Clamp(g + noise, 0, 255);
                rgb[(at * 3) + 2] = (byte)Math.Clamp(b + noise, 0, 255);
            }
        }

        ImageFile.WriteRgb(ImagePath(root, split, number), new RgbImage(rgb, height, width));
        ImageFile.WriteGray(LabelPath(root, split, number), new LabelImage(label, height, width));
    }
}
