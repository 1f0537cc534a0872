using System.Text;

namespace Tessera.Data;

/// <summary>The text of a JSON file in any of Unicode's encodings, with or without a byte order mark: editors write all of them.</summary>
internal static class JsonText
{
    private static readonly Encoding Utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);

    /// <summary>Decodes a file.</summary>
    /// <exception cref="DecoderFallbackException">Bytes are no text in the encoding that the file begins with.</exception>
    public static string Decode(ReadOnlySpan<byte> file)
    {
        Encoding encoding = EncodingOf(file);
        return encoding.GetString(file).TrimStart('\uFEFF');
    }

    /// <summary>JSON begins with an ASCII character, so the zeros among the first four bytes tell the encoding also where no mark does.</summary>
    private static Encoding EncodingOf(ReadOnlySpan<byte> file) => file switch
    {
        [0xFF, 0xFE, 0, 0, ..] or [> 0, 0, 0, 0, ..] => new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true),
        [0, 0, 0xFE, 0xFF, ..] or [0, 0, 0, > 0, ..] => new UTF32Encoding(bigEndian: true, byteOrderMark: true, throwOnInvalidCharacters: true),
        [0xFF, 0xFE, ..] or [> 0, 0, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
        [0xFE, 0xFF, ..] or [0, > 0, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
        _ => Utf8,
    };
}
