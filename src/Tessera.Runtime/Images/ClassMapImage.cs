using Tessera.Imaging;

namespace Tessera.Runtime;

/// <summary>Maps a class map, H×W bytes, to other sizes. Always to a nearest pixel: class ids cannot be mixed.</summary>
public static class ClassMapImage
{
    /// <summary>Repeats every pixel <paramref name="factor"/> times in both directions; 4 brings a stride-4 map to the network's input size.</summary>
    /// <param name="map">The class map, <paramref name="height"/>·<paramref name="width"/> bytes.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="factor">At least 1; 2 and 4 are vectorised.</param>
    /// <param name="target">Receives the larger map, factor·height × factor·width bytes; may not overlap the map.</param>
    /// <exception cref="ArgumentException">A length does not fit its size, or a number is not positive.</exception>
    public static void Upscale(ReadOnlySpan<byte> map, int height, int width, int factor, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (factor > int.MaxValue / Math.Max(height, width))
        {
            throw new ArgumentOutOfRangeException(nameof(factor), factor, $"A map of {height}x{width} cannot be enlarged so much.");
        }

        NearestResize.Apply(map, height, width, target, height * factor, width * factor);
    }

    /// <summary>Maps a class map to another size by pixel centres: output i reads source <c>floor((i + 0.5)·in / out)</c>. Allocates nothing.</summary>
    /// <param name="map">The class map, <paramref name="height"/>·<paramref name="width"/> bytes.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="target">Receives the new map, newHeight·newWidth bytes; may not overlap the map.</param>
    /// <param name="newHeight">Rows of the result.</param>
    /// <param name="newWidth">Columns of the result.</param>
    /// <exception cref="ArgumentException">A length does not fit its size, or a number is not positive.</exception>
    public static void Resize(ReadOnlySpan<byte> map, int height, int width, Span<byte> target, int newHeight, int newWidth) =>
        NearestResize.Apply(map, height, width, target, newHeight, newWidth);

    /// <summary>The same into a new array.</summary>
    /// <param name="map">The class map, <paramref name="height"/>·<paramref name="width"/> bytes.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="newHeight">Rows of the result.</param>
    /// <param name="newWidth">Columns of the result.</param>
    /// <exception cref="ArgumentException">The length is not height times width, or a number is not positive.</exception>
    public static byte[] Resize(ReadOnlySpan<byte> map, int height, int width, int newHeight, int newWidth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(newHeight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(newWidth, 1);
        if ((long)newHeight * newWidth > Array.MaxLength)
        {
            throw new ArgumentException($"A map of {newHeight}x{newWidth} does not fit into an array.", nameof(newHeight));
        }

        var result = new byte[newHeight * newWidth];
        NearestResize.Apply(map, height, width, result, newHeight, newWidth);
        return result;
    }
}
