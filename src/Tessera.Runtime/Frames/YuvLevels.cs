using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tessera.Runtime;

/// <summary>The frame has the range of the network: only 128 is subtracted.</summary>
internal readonly struct SameLevels : IYuvLevels
{
    public static int Luma(int sample) => sample - 128;

    public static int Chroma(int sample) => sample - 128;

    // In eight bits, subtracting 128 turns the top bit.
    public static Vector128<byte> Luma(Vector128<byte> samples) => samples ^ Vector128.Create((byte)0x80);

    public static Vector128<byte> Chroma(Vector128<byte> samples) => samples ^ Vector128.Create((byte)0x80);
}

/// <summary>
/// Studio frame, full-swing network: luma times 255/219, chroma times 255/224. Samples outside the studio range are taken for its ends.
/// </summary>
/// <remarks>
/// In 16-bit lanes: 298·219 + 128 = 65,390 fits an unsigned one, 71·112 + 256 a signed one. Chroma reaches 128, which saturates to 127.
/// </remarks>
internal readonly struct StudioToFullLevels : IYuvLevels
{
    public static int Luma(int sample) => (((298 * (Math.Clamp(sample, 16, 235) - 16)) + 128) >> 8) - 128;

    public static int Chroma(int sample)
    {
        int centred = Math.Clamp(sample, 16, 240) - 128;
        return Math.Min(centred + (((71 * centred) + 256) >> 9), 127);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Luma(Vector128<byte> samples)
    {
        samples = Vector128.Min(Vector128.Max(samples, Vector128.Create((byte)16)), Vector128.Create((byte)235)) - Vector128.Create((byte)16);
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(samples);
        return Vector128.Narrow(Scale(low), Scale(high)) ^ Vector128.Create((byte)0x80);

        static Vector128<ushort> Scale(Vector128<ushort> luma) => ((luma * 298) + Vector128.Create((ushort)128)) >>> 8;
    }

    // Turning the top bit subtracts 128 in eight bits; widening keeps the sign.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Chroma(Vector128<byte> samples)
    {
        samples = Vector128.Min(Vector128.Max(samples, Vector128.Create((byte)16)), Vector128.Create((byte)240));
        (Vector128<short> low, Vector128<short> high) = Vector128.Widen((samples ^ Vector128.Create((byte)0x80)).AsSByte());
        return Vector128.NarrowWithSaturation(Scale(low), Scale(high)).AsByte();

        static Vector128<short> Scale(Vector128<short> chroma) => chroma + (((chroma * 71) + Vector128.Create((short)256)) >> 9);
    }
}

/// <summary>Full-range frame, studio network: luma times 219/255 plus 16, chroma times 224/255.</summary>
/// <remarks>In 16-bit lanes: 220·255 + 110 = 56,210 fits an unsigned one, 225·128 a signed one.</remarks>
internal readonly struct FullToStudioLevels : IYuvLevels
{
    public static int Luma(int sample) => (((220 * sample) + 110) >> 8) + 16 - 128;

    public static int Chroma(int sample) => ((225 * (sample - 128)) + 128) >> 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Luma(Vector128<byte> samples)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(samples);
        return (Vector128.Narrow(Scale(low), Scale(high)) + Vector128.Create((byte)16)) ^ Vector128.Create((byte)0x80);

        static Vector128<ushort> Scale(Vector128<ushort> luma) => ((luma * 220) + Vector128.Create((ushort)110)) >>> 8;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Chroma(Vector128<byte> samples)
    {
        (Vector128<short> low, Vector128<short> high) = Vector128.Widen((samples ^ Vector128.Create((byte)0x80)).AsSByte());
        return Vector128.NarrowWithSaturation(Scale(low), Scale(high)).AsByte();

        static Vector128<short> Scale(Vector128<short> chroma) => ((chroma * 225) + Vector128.Create((short)128)) >> 8;
    }
}
