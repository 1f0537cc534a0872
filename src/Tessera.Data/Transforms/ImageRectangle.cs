namespace Tessera.Data;

/// <summary>A rectangle of an image.</summary>
/// <param name="Top">First row.</param>
/// <param name="Left">First column.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct ImageRectangle(int Top, int Left, int Height, int Width)
{
    /// <summary>Draws a rectangle as torchvision does: ten tries of an area, uniform, and an aspect ratio, uniform in its logarithm.</summary>
    /// <param name="random">The stream.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="minArea">The smallest share of the image's area.</param>
    /// <param name="maxArea">The largest.</param>
    /// <param name="minRatio">The smallest width/height.</param>
    /// <param name="maxRatio">The largest.</param>
    /// <returns>Null where no try fits the image.</returns>
    internal static ImageRectangle? Draw(SplittableRandom random, int height, int width, double minArea, double maxArea, double minRatio, double maxRatio)
    {
        for (int attempt = 0; attempt < 10; attempt++)
        {
            double area = (double)height * width * random.NextDouble(minArea, maxArea), ratio = Math.Exp(random.NextDouble(Math.Log(minRatio), Math.Log(maxRatio)));
            int columns = (int)Math.Round(Math.Sqrt(area * ratio), MidpointRounding.ToEven), rows = (int)Math.Round(Math.Sqrt(area / ratio), MidpointRounding.ToEven);
            if (columns > 0 && columns <= width && rows > 0 && rows <= height)
            {
                return new ImageRectangle(random.Next(height - rows + 1), random.Next(width - columns + 1), rows, columns);
            }
        }

        return null;
    }
}
