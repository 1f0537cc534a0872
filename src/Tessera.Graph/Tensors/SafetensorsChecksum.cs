using System.Security.Cryptography;
using System.Text;

namespace Tessera.Graphs;

/// <summary>
/// The checksum that a container carries in its metadata: the SHA-256 of the whole file, 64 lower-case hexadecimal digits, taken while zeros
/// stand in place of these digits. So every byte counts: header length, header, padding and data.
/// </summary>
internal static class SafetensorsChecksum
{
    /// <summary>The metadata key.</summary>
    public const string Key = "tessera.sha256";

    /// <summary>What stands in place of the checksum while it is taken.</summary>
    public static readonly string Blank = new('0', 2 * SHA256.HashSizeInBytes);

    // JSON escapes the quotes inside a text, so these bytes occur nowhere but before the checksum.
    private static readonly byte[] Before = Encoding.ASCII.GetBytes($"\"{Key}\":\"");

    /// <summary>Finds the checksum's digits in a header, all of them inside it; empty where there is none.</summary>
    public static Span<byte> Find(Span<byte> header)
    {
        int at = header.IndexOf(Before);
        return at < 0 || at + Before.Length + Blank.Length > header.Length ? [] : header.Slice(at + Before.Length, Blank.Length);
    }

    /// <summary>Begins a checksum with what precedes the data.</summary>
    /// <param name="length">The eight bytes of the header's length.</param>
    /// <param name="header">The header with blanks for digits.</param>
    public static IncrementalHash Begin(ReadOnlySpan<byte> length, ReadOnlySpan<byte> header)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(length);
        hash.AppendData(header);
        return hash;
    }

    /// <summary>The digits of a finished checksum.</summary>
    public static byte[] Digits(IncrementalHash hash) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset()));
}
