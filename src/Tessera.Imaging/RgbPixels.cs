using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tessera.Imaging;

/// <summary>What a conversion must know of an <see cref="RgbOrder"/>, as a type so that each order gets code of its own.</summary>
internal interface IRgbPixels
{
    /// <summary>Bytes of a pixel.</summary>
    static abstract int Channels { get; }

    /// <summary>Where red lies in a pixel; green lies at 1 and blue at 2 - Red.</summary>
    static abstract int Red { get; }

    /// <summary>Reads 16 pixels and no byte more.</summary>
    static abstract (Vector128<byte> Red, Vector128<byte> Green, Vector128<byte> Blue) Load(ReadOnlySpan<byte> pixels);
}

/// <summary><see cref="RgbOrder.Rgb"/>.</summary>
internal readonly struct RgbPixels : IRgbPixels
{
    private const byte None = 255;

    public static int Channels => 3;

    public static int Red => 0;

    // Bytes r0 g0 b0 r1 … to one vector per channel; 255 leaves a zero for another source to fill.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<byte> Red, Vector128<byte> Green, Vector128<byte> Blue) Load(ReadOnlySpan<byte> pixels)
    {
        Vector128<byte> first = Vector128.Create(pixels), second = Vector128.Create(pixels[16..]), third = Vector128.Create(pixels[32..]);
        Vector128<byte> r = Vector128.Shuffle(first, Vector128.Create((byte)0, 3, 6, 9, 12, 15, None, None, None, None, None, None, None, None, None, None))
            | Vector128.Shuffle(second, Vector128.Create(None, None, None, None, None, None, 2, 5, 8, 11, 14, None, None, None, None, None))
            | Vector128.Shuffle(third, Vector128.Create(None, None, None, None, None, None, None, None, None, None, None, 1, 4, 7, 10, 13));
        Vector128<byte> g = Vector128.Shuffle(first, Vector128.Create((byte)1, 4, 7, 10, 13, None, None, None, None, None, None, None, None, None, None, None))
            | Vector128.Shuffle(second, Vector128.Create(None, None, None, None, None, 0, 3, 6, 9, 12, 15, None, None, None, None, None))
            | Vector128.Shuffle(third, Vector128.Create(None, None, None, None, None, None, None, None, None, None, None, 2, 5, 8, 11, 14));
        Vector128<byte> b = Vector128.Shuffle(first, Vector128.Create((byte)2, 5, 8, 11, 14, None, None, None, None, None, None, None, None, None, None, None))
            | Vector128.Shuffle(second, Vector128.Create(None, None, None, None, None, 1, 4, 7, 10, 13, None, None, None, None, None, None))
            | Vector128.Shuffle(third, Vector128.Create(None, None, None, None, None, None, None, None, None, None, 0, 3, 6, 9, 12, 15));
        return (r, g, b);
    }
}

/// <summary><see cref="RgbOrder.Bgr"/>.</summary>
internal readonly struct BgrPixels : IRgbPixels
{
    public static int Channels => 3;

    public static int Red => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<byte> Red, Vector128<byte> Green, Vector128<byte> Blue) Load(ReadOnlySpan<byte> pixels)
    {
        (Vector128<byte> first, Vector128<byte> green, Vector128<byte> third) = RgbPixels.Load(pixels);
        return (third, green, first);
    }
}

/// <summary><see cref="RgbOrder.Bgra"/>.</summary>
internal readonly struct BgraPixels : IRgbPixels
{
    private const byte None = 255;

    public static int Channels => 4;

    public static int Red => 2;

    // Every fourth byte of each vector to the quarter of the result where its pixels belong.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<byte> Red, Vector128<byte> Green, Vector128<byte> Blue) Load(ReadOnlySpan<byte> pixels)
    {
        Vector128<byte> first = Vector128.Create(pixels), second = Vector128.Create(pixels[16..]);
        Vector128<byte> third = Vector128.Create(pixels[32..]), fourth = Vector128.Create(pixels[48..]);
        Vector128<byte> b = Vector128.Shuffle(first, Vector128.Create((byte)0, 4, 8, 12, None, None, None, None, None, None, None, None, None, None, None, None))
            | Vector128.Shuffle(second, Vector128.Create(None, None, None, None, 0, 4, 8, 12, None, None, None, None, None, None, None, None))
            | Vector128.Shuffle(third, Vector128.Create(None, None, None, None, None, None, None, None, 0, 4, 8, 12, None, None, None, None))
            | Vector128.Shuffle(fourth, Vector128.Create(None, None, None, None, None, None, None, None, None, None, None, None, 0, 4, 8, 12));
        Vector128<byte> g = Vector128.Shuffle(first, Vector128.Create((byte)1, 5, 9, 13, None, None, None, None, None, None, None, None, None, None, None, None))
            | Vector128.Shuffle(second, Vector128.Create(None, None, None, None, 1, 5, 9, 13, None, None, None, None, None, None, None, None))
            | Vector128.Shuffle(third, Vector128.Create(None, None, None, None, None, None, None, None, 1, 5, 9, 13, None, None, None, None))
            | Vector128.Shuffle(fourth, Vector128.Create(None, None, None, None, None, None, None, None, None, None, None, None, 1, 5, 9, 13));
        Vector128<byte> r = Vector128.Shuffle(first, Vector128.Create((byte)2, 6, 10, 14, None, None, None, None, None, None, None, None, None, None, None, None))
            | Vector128.Shuffle(second, Vector128.Create(None, None, None, None, 2, 6, 10, 14, None, None, None, None, None, None, None, None))
            | Vector128.Shuffle(third, Vector128.Create(None, None, None, None, None, None, None, None, 2, 6, 10, 14, None, None, None, None))
            | Vector128.Shuffle(fourth, Vector128.Create(None, None, None, None, None, None, None, None, None, None, None, None, 2, 6, 10, 14));
        return (r, g, b);
    }
}
