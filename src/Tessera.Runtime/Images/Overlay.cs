using Tessera.Core;

namespace Tessera.Runtime;

/// <summary>Shows a class map in the palette of its classes.</summary>
public static class Overlay
{
    /// <summary>Paints the class map: interleaved RGB, black where the byte is no class (255 or outside the table).</summary>
    /// <param name="classMap">Class ids, one byte per pixel.</param>
    /// <param name="classes">Their colours.</param>
    /// <returns>Three bytes per pixel.</returns>
    public static byte[] Colorize(ReadOnlySpan<byte> classMap, ClassTable classes)
    {
        var rgb = new byte[checked(classMap.Length * 3)];
        Paint(rgb, classMap, classes, 256);
        return rgb;
    }

    /// <summary>Lays the class colours over a picture of the same size; pixels of no class stay as they are.</summary>
    /// <param name="rgb">The picture, interleaved RGB, three bytes per pixel.</param>
    /// <param name="classMap">Class ids, one byte per pixel.</param>
    /// <param name="classes">Their colours.</param>
    /// <param name="alpha">The colours' share, 0 (picture only) to 1 (colours only); rounded to 1/256.</param>
    /// <returns>Three bytes per pixel, rounded half up.</returns>
    /// <exception cref="ArgumentException">The sizes differ, or alpha lies outside 0 to 1.</exception>
    public static byte[] Blend(ReadOnlySpan<byte> rgb, ReadOnlySpan<byte> classMap, ClassTable classes, double alpha)
    {
        if (rgb.Length != classMap.Length * 3L)
        {
            throw new ArgumentException($"A picture of {rgb.Length} bytes and a class map of {classMap.Length} are not of the same size.", nameof(rgb));
        }

        if (alpha is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "The colours' share lies between 0 and 1.");
        }

        byte[] result = rgb.ToArray();
        Paint(result, classMap, classes, (int)Math.Round(alpha * 256));
        return result;
    }

    private static void Paint(Span<byte> rgb, ReadOnlySpan<byte> classMap, ClassTable classes, int share)
    {
        for (int i = 0; i < classMap.Length; i++)
        {
            if (classMap[i] >= classes.Count)
            {
                continue;
            }

            ClassEntry colour = classes.Classes[classMap[i]];
            Span<byte> pixel = rgb.Slice(i * 3, 3);
            pixel[0] = Mix(pixel[0], colour.Red, share);
            pixel[1] = Mix(pixel[1], colour.Green, share);
            pixel[2] = Mix(pixel[2], colour.Blue, share);
        }
    }

    private static byte Mix(byte under, byte over, int share) => (byte)(((under * (256 - share)) + (over * share) + 128) >> 8);
}
