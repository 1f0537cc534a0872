namespace Tessera.Data.Tests;

/// <summary>Generated images, labels and folders.</summary>
public static class Make
{
    /// <summary>Noise: every decoder mistake shows.</summary>
    public static RgbImage Image(int height, int width, int seed = 1)
    {
        var pixels = new byte[height * width * 3];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(pixels, height, width);
    }

    /// <summary>Blobs of label ids 0..33, small enough that resizing meets many class borders.</summary>
    public static LabelImage Ids(int height, int width, int seed = 1) => Blobs(height, width, seed, random => (byte)random.Next(CityscapesLabels.IdCount));

    /// <summary>Blobs of train ids 0..18 and 255.</summary>
    public static LabelImage TrainIds(int height, int width, int seed = 1) =>
        Blobs(height, width, seed, random => random.Next(6) == 0 ? (byte)255 : (byte)random.Next(19));

    /// <summary>Writes pairs in the Cityscapes layout; two cities, names out of order on purpose.</summary>
    public static void Cityscapes(string root, string split, int count, int height = 40, int width = 60)
    {
        for (int i = 0; i < count; i++)
        {
            string city = i % 2 == 0 ? "zurich" : "aachen";
            Pair(root, split, city, $"{city}_{count - i:D6}", Image(height, width, i), Ids(height, width, i));
        }
    }

    public static void Pair(string root, string split, string city, string stem, RgbImage? image, LabelImage? label)
    {
        if (image is not null)
        {
            ImageFile.WriteRgb(ImagePath(root, split, city, stem), image);
        }

        if (label is not null)
        {
            ImageFile.WriteGray(LabelPath(root, split, city, stem), label);
        }
    }

    public static string ImagePath(string root, string split, string city, string stem) =>
        Path.Combine(root, "leftImg8bit", split, city, $"{stem}_leftImg8bit.png");

    public static string LabelPath(string root, string split, string city, string stem) =>
        Path.Combine(root, "gtFine", split, city, $"{stem}_gtFine_labelIds.png");

    /// <summary>A pack of generated samples, named sample0, sample1, …</summary>
    public static string Pack(string path, int count, int height = 40, int width = 60)
    {
        using var writer = new LmdbPackWriter(path);
        for (int i = 0; i < count; i++)
        {
            writer.Add(SampleRecord.Encode(Image(height, width, i), Ids(height, width, i), $"sample{i}"), $"sample{i}");
        }

        writer.Complete();
        return path;
    }

    private static LabelImage Blobs(int height, int width, int seed, Func<Random, byte> value)
    {
        var random = new Random(seed);
        var values = new byte[height * width];
        Array.Fill(values, value(random));
        for (int n = 0; n < height * width / 12; n++)
        {
            byte blob = value(random);
            int top = random.Next(height), left = random.Next(width), bottom = Math.Min(height, top + random.Next(1, 9)), right = Math.Min(width, left + random.Next(1, 9));
            for (int y = top; y < bottom; y++)
            {
                values.AsSpan((y * width) + left, right - left).Fill(blob);
            }
        }

        return new LabelImage(values, height, width);
    }
}
