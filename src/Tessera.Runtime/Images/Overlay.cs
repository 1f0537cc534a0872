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
        OverlayRows.Blend(classMap, 1, classMap.Length, new Palette(classes, 1, PixelFormat.Rgb24), rgb, classMap.Length, 1, rgb.Length);
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

        byte[] result = rgb.ToArray();
        OverlayRows.Blend(classMap, 1, classMap.Length, new Palette(classes, alpha, PixelFormat.Rgb24), result, classMap.Length, 1, result.Length);
        return result;
    }

    /// <summary>
    /// Lays the class colours over a picture in the caller's memory, from a class map of any size, such as the network's at stride 4:
    /// a pixel takes the class that <see cref="ClassMapImage.Resize(ReadOnlySpan{byte}, int, int, Span{byte}, int, int)"/> would give it.
    /// Allocates nothing. Pixels of no class, and alpha, stay as they are; values are rounded half up.
    /// </summary>
    /// <param name="classMap">Class ids, mapHeight·mapWidth bytes.</param>
    /// <param name="mapHeight">Rows of the map.</param>
    /// <param name="mapWidth">Columns of the map.</param>
    /// <param name="palette">The colours in the picture's format.</param>
    /// <param name="picture">The picture, changed in place: at least (height - 1)·stride + width·3 (or ·4) bytes.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="stride">Bytes from row to row; 0 for rows directly behind each other.</param>
    /// <exception cref="ArgumentException">A length or the stride does not fit its size, a size is not positive, or the map lies in the picture's memory.</exception>
    public static void Blend(ReadOnlySpan<byte> classMap, int mapHeight, int mapWidth, Palette palette, Span<byte> picture, int width, int height, int stride = 0)
    {
        ArgumentNullException.ThrowIfNull(palette);
        ArgumentOutOfRangeException.ThrowIfLessThan(mapHeight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mapWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (classMap.Length != (long)mapHeight * mapWidth)
        {
            throw new ArgumentException($"A class map of {mapHeight}x{mapWidth} has not {classMap.Length} bytes.", nameof(classMap));
        }

        if (picture.Overlaps(classMap))
        {
            throw new ArgumentException("The picture overlaps the class map that is read: classes would be overwritten before their turn. Give the map memory of its own.", nameof(picture));
        }

        OverlayRows.Blend(classMap, mapHeight, mapWidth, palette, picture, width, height, StrideOf(palette, picture.Length, width, height, stride));
    }

    /// <summary>Checks that a picture's memory holds its rows, and returns the stride that 0 stands for.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    internal static int StrideOf(Palette palette, int pictureBytes, int width, int height, int stride)
    {
        long rowBytes = (long)width * palette.Channels;
        stride = stride == 0 && rowBytes <= pictureBytes ? (int)rowBytes : stride;
        return stride >= rowBytes && pictureBytes >= ((long)stride * (height - 1)) + rowBytes ? stride : throw new ArgumentException(
            $"{pictureBytes} bytes do not hold {height} rows of {rowBytes} bytes ({width} {palette.Format} pixels) at a stride of {stride}.", "picture");
    }
}
