using System.Buffers;
using System.Text;
using Tessera.Core;

namespace Tessera.Cli.Configuration;

/// <summary>Reads the text of a configuration file. What is no text, no regular file or far too large is refused before memory is taken.</summary>
internal static class ConfigText
{
    /// <summary>The largest file in bytes; a configuration has a few thousand.</summary>
    public const int MaxBytes = 1 << 20;

    // What a shell hands over for -c <(...): pipes that a writer stands behind.
    private static readonly string[] Descriptors = ["/dev/fd/", "/dev/stdin", "/proc/self/fd/"];

    private static readonly SearchValues<char> Unprintable =
        SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(char.IsControl).Except(['\t', '\n', '\r', '\u0085'])]);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file's full path.</param>
    /// <param name="shown">The path as messages show it.</param>
    /// <param name="place">What precedes a message: where the file is named; empty for the command line.</param>
    /// <param name="what">What messages call the file.</param>
    /// <param name="language">The language that it is written in, for messages.</param>
    /// <exception cref="UsageException">The file cannot be read, is empty, larger than <see cref="MaxBytes"/>, or no text.</exception>
    public static string Read(string path, string shown, string place, string what = "configuration", string language = "YAML")
    {
        byte[] bytes;
        try
        {
            bytes = Directory.Exists(path) ? throw Refused($"it is a folder; name the {language} file in it.")
                : !File.Exists(path) ? throw Refused("there is no such file.")
                : ReadBytes(path) ?? throw Refused($"it is larger than {MaxBytes} bytes, and so is no {what}.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Refused(fault.Message, fault);
        }

        return bytes.Length == 0 ? throw Refused($"it is empty, or a device or a named pipe; a {what} is a {language} file.") : Decode(bytes, shown);

        UsageException Refused(string why, Exception? inner = null) => new($"{place}cannot read the {what} {shown}: {why}", inner);
    }

    /// <summary>The line, from 1, in which a position lies.</summary>
    public static int LineOf(ReadOnlySpan<char> text, int at) => text[..at].Count('\n') + 1;

    /// <summary>The position of the first character that no configuration holds; -1 when there is none.</summary>
    public static int IndexOfUnprintable(string text) => text.AsSpan().IndexOfAny(Unprintable);

    /// <summary>The content; none of what is no regular file (a named pipe would block, a device may never end), null of what is too large.</summary>
    private static byte[]? ReadBytes(string path)
    {
        long length = new FileInfo(path).Length;
        if (length == 0 && !Descriptors.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal)))
        {
            return [];
        }

        if (length > MaxBytes)
        {
            return null;
        }

        using FileStream stream = File.OpenRead(path);
        var bytes = new byte[MaxBytes + 1];
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read > MaxBytes ? null : bytes[..read];
    }

    private static string Decode(byte[] bytes, string shown)
    {
        try
        {
            var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            using var reader = new StreamReader(new MemoryStream(bytes), strict, detectEncodingFromByteOrderMarks: true);
            string text = reader.ReadToEnd();
            int wrong = IndexOfUnprintable(text);
            return wrong < 0 ? text
                : throw new UsageException($"{shown}:{LineOf(text, wrong)}: the character U+{(int)text[wrong]:X4} stands there, which no configuration holds. Save the file as UTF-8 text, or take another one.");
        }
        catch (DecoderFallbackException fault)
        {
            int line = 1 + bytes.AsSpan(0, Math.Clamp(fault.Index, 0, bytes.Length)).Count((byte)'\n');
            throw new UsageException($"{shown}:{line}: the file is not UTF-8 text. Save it as UTF-8, or take another one.", fault);
        }
    }
}
