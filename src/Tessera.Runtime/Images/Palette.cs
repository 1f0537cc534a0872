using System.Runtime.InteropServices;
using Tessera.Core;

namespace Tessera.Runtime;

/// <summary>
/// Class colours prepared for blending with one share into pictures of one format: <c>(under·(256 - share) + colour·share + 128) &gt;&gt; 8</c>.
/// Immutable, so that threads may share it.
/// </summary>
public sealed class Palette
{
    private const int Whole = 256, Half = 128;

    private readonly ulong[] _shares = new ulong[256], _terms = new ulong[256];

    /// <summary>Prepares the colours of a class table.</summary>
    /// <param name="classes">The classes and their colours; a byte that is none of them leaves a pixel as it is.</param>
    /// <param name="alpha">The colours' share, 0 (picture only) to 1 (colours only); rounded to 1/256.</param>
    /// <param name="format">The picture's format: <see cref="PixelFormat.Rgb24"/>, <see cref="PixelFormat.Bgr24"/> or <see cref="PixelFormat.Bgra32"/>.</param>
    /// <exception cref="ArgumentException">Alpha lies outside 0 to 1, or the format is not one of the three.</exception>
    public Palette(ClassTable classes, double alpha, PixelFormat format)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (alpha is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "The colours' share lies between 0 and 1.");
        }

        Format = format;
        Channels = format switch
        {
            PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
            PixelFormat.Bgra32 => 4,
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Class colours are laid over RGB, BGR and BGRA pictures."),
        };
        int share = (int)Math.Round(alpha * Whole), rest = Whole - share;
        Array.Fill(_shares, Lanes(Whole, Whole, Whole, Whole));
        Array.Fill(_terms, Lanes(Half, Half, Half, Half));
        for (int id = 0; id < classes.Count; id++)
        {
            ClassEntry colour = classes.Classes[id];
            (byte first, byte third) = format == PixelFormat.Rgb24 ? (colour.Red, colour.Blue) : (colour.Blue, colour.Red);
            _shares[id] = Lanes(rest, rest, rest, Whole);
            _terms[id] = Lanes((first * share) + Half, (colour.Green * share) + Half, (third * share) + Half, Half);
        }
    }

    /// <summary>The format of the pictures.</summary>
    public PixelFormat Format { get; }

    /// <summary>Bytes of a pixel.</summary>
    internal int Channels { get; }

    /// <summary>For each byte of a class map, four 16-bit lanes: what the channels of the picture are multiplied by. The fourth keeps alpha.</summary>
    internal ReadOnlySpan<ulong> Shares => _shares;

    /// <summary>Likewise what is added before the shift, the rounding included.</summary>
    internal ReadOnlySpan<ulong> Terms => _terms;

    private static ulong Lanes(int first, int second, int third, int alpha)
    {
        ReadOnlySpan<ushort> lanes = [(ushort)first, (ushort)second, (ushort)third, (ushort)alpha];
        return MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(lanes));
    }
}
