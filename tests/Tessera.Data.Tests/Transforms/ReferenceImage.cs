namespace Tessera.Data.Tests.Transforms;

/// <summary>Bilinear image sampling in double, pixel by pixel.</summary>
internal static class ReferenceImage
{
    public static byte[] Resize(RgbImage image, int targetHeight, int targetWidth)
    {
        var result = new byte[targetHeight * targetWidth * 3];
        for (int y = 0; y < targetHeight; y++)
        {
            for (int x = 0; x < targetWidth; x++)
            {
                double fromY = Math.Max(0, ((y + 0.5) * image.Height / targetHeight) - 0.5), fromX = Math.Max(0, ((x + 0.5) * image.Width / targetWidth) - 0.5);
                for (int c = 0; c < 3; c++)
                {
                    result[(((y * targetWidth) + x) * 3) + c] = Round(Bilinear(image, fromY, fromX, c, clamp: true).Value);
                }
            }
        }

        return result;
    }

    public static byte[] Affine(RgbImage image, Func<double, double, (double X, double Y)> toSource)
    {
        var result = new byte[image.Pixels.Length];
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                (double fromX, double fromY) = toSource(x, y);
                for (int c = 0; c < 3; c++)
                {
                    (double value, double mask) = Bilinear(image, fromY, fromX, c, clamp: false);
                    result[(((y * image.Width) + x) * 3) + c] = Round(value * mask);
                }
            }
        }

        return result;
    }

    /// <summary>The sampled value and the sampled mask of ones; outside is zero, or the edge where clamped.</summary>
    private static (double Value, double Mask) Bilinear(RgbImage image, double y, double x, int c, bool clamp)
    {
        double value = 0, mask = 0;
        for (int dy = 0; dy < 2; dy++)
        {
            for (int dx = 0; dx < 2; dx++)
            {
                int row = (int)Math.Floor(y) + dy, column = (int)Math.Floor(x) + dx;
                double weight = (1 - Math.Abs(y - row)) * (1 - Math.Abs(x - column));
                if (clamp)
                {
                    (row, column) = (Math.Clamp(row, 0, image.Height - 1), Math.Clamp(column, 0, image.Width - 1));
                }

                if (row >= 0 && row < image.Height && column >= 0 && column < image.Width)
                {
                    value += weight * image.Pixels[(((row * image.Width) + column) * 3) + c];
                    mask += weight;
                }
            }
        }

        return (value, mask);
    }

    private static byte Round(double value) => (byte)Math.Round(value, MidpointRounding.ToEven);
}
