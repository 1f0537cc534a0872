using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tessera.Cli.Terminal;

/// <summary>
/// Makes characters visible that would steer a terminal: control characters, and those that turn the direction of a line. Names of files, classes
/// and layers come from outside, and a terminal executes what it is sent.
/// </summary>
internal static class Visible
{
    private static readonly SearchValues<char> Steering = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(letter => char.IsControl(letter) && letter is not ('\n' or '\t')),
        '\u2028', '\u2029', '\u202A', '\u202B', '\u202C', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068', '\u2069',
    ]);

    /// <summary>True when the text holds a character that is made visible.</summary>
    public static bool IsNeeded(ReadOnlySpan<char> text) => text.ContainsAny(Steering);

    /// <summary>The text with <c>\u001b</c> and the like in place of such characters; line breaks and tabs stay.</summary>
    public static string Of(string text)
    {
        if (!IsNeeded(text))
        {
            return text;
        }

        var visible = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            bool isLineBreak = text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n';
            if (isLineBreak || !Steering.Contains(text[i]))
            {
                visible.Append(text[i]);
            }
            else
            {
                visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            }
        }

        return visible.ToString();
    }
}
