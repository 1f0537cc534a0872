namespace Tessera.Benchmarks.ImageDecoding;

internal static class TestImages
{
    /// <summary>A photo tiled to the size, or smooth shading with sensor-like noise that compresses about as a street photo does.</summary>
    public static byte[] Rgb(int height, int width, string? photo)
    {
        var rgb = new byte[height * width * 3];
        if (photo is not null)
        {
            using var bitmap = SkiaSharp.SKBitmap.Decode(photo) ?? throw new FileNotFoundException(photo);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    SkiaSharp.SKColor pixel = bitmap.GetPixel(x % bitmap.Width, y % bitmap.Height);
                    int i = ((y * width) + x) * 3;
                    (rgb[i], rgb[i + 1], rgb[i + 2]) = (pixel.Red, pixel.Green, pixel.Blue);
                }

            return rgb;
        }

        var random = new Random(1);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++)
                {
                    double shade = 110 + (60 * Math.Sin((x + (40 * c)) / 170.0)) + (50 * Math.Cos(y / 90.0));
                    rgb[(((y * width) + x) * 3) + c] = (byte)Math.Clamp(shade + random.Next(-2, 3), 0, 255);
                }

        return rgb;
    }

    /// <summary>Rectangles of label ids, plus one row that holds every value 0..255.</summary>
    public static byte[] Labels(int height, int width)
    {
        var labels = new byte[height * width];
        var random = new Random(2);
        for (int n = 0; n < 400; n++)
        {
            int top = random.Next(height), left = random.Next(width), bottom = Math.Min(height, top + random.Next(200)), right = Math.Min(width, left + random.Next(300));
            byte id = (byte)random.Next(34);
            for (int y = top; y < bottom; y++)
            {
                labels.AsSpan((y * width) + left, right - left).Fill(id);
            }
        }

        for (int x = 0; x < width; x++)
        {
            labels[x] = (byte)x;
        }

        return labels;
    }
}
