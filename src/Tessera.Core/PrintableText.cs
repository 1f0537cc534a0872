using System.Globalization;
using System.Text;

namespace Tessera.Core;

/// <summary>
/// The rule for names that reach terminals, tables, reports and artefacts (classes, layers, networks): none may move a cursor, colour a line,
/// reverse what is read, or be too long to be stored.
/// </summary>
public static class PrintableText
{
    /// <summary>The longest name, in bytes of UTF-8.</summary>
    public const int MaxBytes = 1024;

    /// <summary>What is wrong with a name, in words that follow "it"; null when nothing is.</summary>
    public static string? Problem(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return "is empty";
        }

        for (int i = 0; i < name.Length; i++)
        {
            char letter = name[i];
            bool turns = letter is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
            if (turns || char.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return $"has the control character U+{(int)letter:X4}";
            }

            if (char.IsSurrogate(letter) && !(char.IsHighSurrogate(letter) && i + 1 < name.Length && char.IsLowSurrogate(name[++i])))
            {
                return $"has U+{(int)letter:X4}, half of a character";
            }
        }

        int bytes = Encoding.UTF8.GetByteCount(name);
        return bytes > MaxBytes ? $"has {bytes} bytes; {MaxBytes} are possible" : null;
    }

    /// <summary>A name for a message: what <see cref="Problem"/> objects to stands there as <c>\u001B</c>, and the end of a long one is left out.</summary>
    public static string Escape(string? name)
    {
        var text = new StringBuilder();
        foreach (char letter in (name ?? "").AsSpan(0, Math.Min(name?.Length ?? 0, 60)))
        {
            text.Append(char.IsSurrogate(letter) || Problem($"x{letter}") is not null ? $"\\u{(int)letter:X4}" : letter);
        }

        return name?.Length > 60 ? $"{text}..." : text.ToString();
    }
}
