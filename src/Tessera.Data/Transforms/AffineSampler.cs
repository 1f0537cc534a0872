using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>Samples images and labels through any affine map about the centre; outside is black and ignored.</summary>
internal static class AffineSampler
{
    /// <summary>Bilinear, multiplied by the resampled validity mask, rounded half to even: torchvision's grid_sample with fill 0.</summary>
    public static void Image(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, AffineMap map)
    {
        double centreX = (width * 0.5) - 0.5, centreY = (height * 0.5) - 0.5;
        int to = 0;
        for (int y = 0; y < height; y++)
        {
            double rowX = (map.XY * (y - centreY)) + map.X0 + centreX, rowY = (map.YY * (y - centreY)) + map.Y0 + centreY;
            for (int x = 0; x < width; x++, to += 3)
            {
                double fromX = (map.XX * (x - centreX)) + rowX, fromY = (map.YX * (x - centreX)) + rowY;
                if (fromX <= -1 || fromY <= -1 || fromX >= width || fromY >= height)
                {
                    target.Slice(to, 3).Clear();
                    continue;
                }

                int left = (int)Math.Floor(fromX), top = (int)Math.Floor(fromY);
                float over = (float)(fromX - left), down = (float)(fromY - top);
                Vector128<float> sum = Vector128<float>.Zero;
                float mask = 0;
                Add(source, top, left, (1 - down) * (1 - over), height, width, ref sum, ref mask);
                Add(source, top, left + 1, (1 - down) * over, height, width, ref sum, ref mask);
                Add(source, top + 1, left, down * (1 - over), height, width, ref sum, ref mask);
                Add(source, top + 1, left + 1, down * over, height, width, ref sum, ref mask);

                // Weights sum to at most 1 up to rounding, so the conversion saturates nothing that matters.
                Vector128<int> rounded = Vector128.ConvertToInt32(Vector128.Round(Vector128.Min(sum * mask, Vector128.Create(255f)), MidpointRounding.ToEven));
                target[to] = (byte)rounded[0];
                target[to + 1] = (byte)rounded[1];
                target[to + 2] = (byte)rounded[2];
            }
        }
    }

    /// <summary>Nearest, halves to even.</summary>
    public static void Label(ReadOnlySpan<byte> source, Span<byte> target, int height, int width, AffineMap map)
    {
        double centreX = (width * 0.5) - 0.5, centreY = (height * 0.5) - 0.5;
        int to = 0;
        for (int y = 0; y < height; y++)
        {
            double rowX = (map.XY * (y - centreY)) + map.X0 + centreX, rowY = (map.YY * (y - centreY)) + map.Y0 + centreY;
            for (int x = 0; x < width; x++, to++)
            {
                double fromX = Math.Round((map.XX * (x - centreX)) + rowX, MidpointRounding.ToEven), fromY = Math.Round((map.YX * (x - centreX)) + rowY, MidpointRounding.ToEven);
                target[to] = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height ? source[((int)fromY * width) + (int)fromX] : ClassTable.Ignore;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ReadOnlySpan<byte> source, int row, int column, float weight, int height, int width, ref Vector128<float> sum, ref float mask)
    {
        if ((uint)row >= (uint)height || (uint)column >= (uint)width)
        {
            return;
        }

        // Four bytes at once where a fourth exists; the last lane is never used.
        ReadOnlySpan<byte> pixel = source[(((row * width) + column) * 3)..];
        uint bytes = pixel.Length >= 4 ? MemoryMarshal.Read<uint>(pixel) : pixel[0] | ((uint)pixel[1] << 8) | ((uint)pixel[2] << 16);
        Vector128<uint> wide = Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(bytes).AsByte()));
        sum += Vector128.ConvertToSingle(wide.AsInt32()) * weight;
        mask += weight;
    }
}
