namespace Tessera.Data;

/// <summary>Checks of buffer lengths at the public borders of the transforms.</summary>
internal static class BufferSize
{
    /// <exception cref="ArgumentException">The buffer does not hold height·width·channels values.</exception>
    public static void Check<T>(ReadOnlySpan<T> buffer, int height, int width, int channels)
    {
        if (height < 1 || width < 1 || buffer.Length != checked(height * width * channels))
        {
            throw new ArgumentException($"A buffer of {height}x{width}x{channels} has {(long)height * width * channels} values; received {buffer.Length}.");
        }
    }
}
