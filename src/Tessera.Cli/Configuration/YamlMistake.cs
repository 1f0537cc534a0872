namespace Tessera.Cli.Configuration;

/// <summary>
/// Finds the usual mistakes in a text that a YAML parser has refused: a parser notices them late, and often names a line far away.
/// </summary>
internal static class YamlMistake
{
    /// <summary>Looks for a tab in the indentation, and for brackets and quotes without their counterpart.</summary>
    /// <param name="text">The text.</param>
    /// <param name="line">The 1-based line at which the parser gave up.</param>
    /// <returns>The line of the mistake and what it is; null when it is none of these.</returns>
    public static (long Line, string Why)? Find(string text, long line)
    {
        var open = new Stack<(char Bracket, int Line)>();
        (char Mark, int Line)? quote = null;
        int number = 1;
        bool isIndentation = true;
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i], before = i == 0 ? '\n' : text[i - 1];
            bool startsWord = before is ' ' or '\t' or '\n' or '[' or '{' or ',' or ':';
            if (letter == '\n')
            {
                number++;
            }
            else if (quote is { } begun)
            {
                i += letter == '\\' && begun.Mark == '"' && i + 1 < text.Length && text[i + 1] != '\n' ? 1 : 0;
                quote = letter == begun.Mark ? null : quote;
            }
            else if (letter is '\'' or '"' && startsWord)
            {
                quote = (letter, number);
            }
            else if (letter == '#' && before is ' ' or '\t' or '\n')
            {
                int end = text.IndexOf('\n', i);
                i = end < 0 ? text.Length : end - 1;
            }
            else if (letter == '\t' && isIndentation && open.Count == 0)
            {
                return (number, "the line is indented with a tab. Use spaces.");
            }
            else if (letter is '{' or '[' && (startsWord || open.Count > 0))
            {
                open.Push((letter, number));
            }
            else if (letter is '}' or ']' && open.TryPop(out (char Bracket, int Line) opened) && opened.Bracket != (letter == '}' ? '{' : '['))
            {
                return (number, $"{letter} stands where the {opened.Bracket} of line {opened.Line} is still open.");
            }

            isIndentation = letter == '\n' || (isIndentation && letter is ' ' or '\t');
        }

        return quote is { } unclosed ? (unclosed.Line, $"the quote {unclosed.Mark} that begins in this line is never closed.")
            : open.TryPop(out (char Bracket, int Line) last) ? (last.Line, $"the {last.Bracket} of this line is never closed; the parser gave up in line {line}.")
            : null;
    }
}
