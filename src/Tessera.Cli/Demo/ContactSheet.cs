using Tessera.Data;

namespace Tessera.Cli.Demo;

/// <summary>Pictures of one size beside and below each other.</summary>
internal static class ContactSheet
{
    private const int Gap = 6;
    private const int SmallPanel = 384;
    private const byte Paper = 255;

    /// <summary>Writes a sheet.</summary>
    /// <param name="path">The PNG file.</param>
    /// <param name="rows">Rows of as many pictures each, all of one size; small ones are shown at twice their size.</param>
    /// <exception cref="Core.BadFileException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<IReadOnlyList<RgbImage>> rows)
    {
        RgbImage first = rows[0][0];
        int zoom = first.Width < SmallPanel ? 2 : 1, height = first.Height * zoom, width = first.Width * zoom;
        int sheetHeight = Gap + (rows.Count * (height + Gap)), sheetWidth = Gap + (rows[0].Count * (width + Gap));
        var sheet = new byte[sheetHeight * sheetWidth * 3];
        sheet.AsSpan().Fill(Paper);
        for (int r = 0; r < rows.Count; r++)
        {
            for (int c = 0; c < rows[r].Count; c++)
            {
                int top = Gap + (r * (height + Gap)), left = Gap + (c * (width + Gap));
                byte[] pixels = rows[r][c].Pixels;
                for (int i = 0; i < height * width; i++)
                {
                    int y = i / width, x = i % width;
                    pixels.AsSpan(((y / zoom * first.Width) + (x / zoom)) * 3, 3).CopyTo(sheet.AsSpan((((top + y) * sheetWidth) + left + x) * 3, 3));
                }
            }
        }

        ImageFile.WriteRgb(path, new RgbImage(sheet, sheetHeight, sheetWidth));
    }
}
