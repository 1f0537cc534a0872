namespace Tessera.Data;

/// <summary>The CRC-32 of PNG chunks (PNG specification, annex D).</summary>
internal static class PngChecksum
{
    private static readonly uint[] Table = MakeTable();

    /// <summary>The checksum of a chunk's type and content.</summary>
    public static uint Of(ReadOnlySpan<byte> typeAndContent)
    {
        uint state = uint.MaxValue;
        foreach (byte value in typeAndContent)
        {
            state = (state >> 8) ^ Table[(byte)(state ^ value)];
        }

        return ~state;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint state = i;
            for (int bit = 0; bit < 8; bit++)
            {
                state = (state & 1) != 0 ? (state >> 1) ^ 0xEDB88320u : state >> 1;
            }

            table[i] = state;
        }

        return table;
    }
}
