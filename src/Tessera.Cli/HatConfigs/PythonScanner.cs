using System.Text;

namespace Tessera.Cli.HatConfigs;

/// <summary>Takes a Python text apart into tokens. Lines are joined within brackets and behind a backslash, as Python does it.</summary>
internal sealed class PythonScanner
{
    private static readonly string[] Operators =
        ["**=", "//=", ">>=", "<<=", "...", "**", "//", "==", "!=", "<=", ">=", "->", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", ":=", "<<", ">>", "@="];

    private readonly string _text;
    private readonly Func<PythonPlace, string, Exception> _fault;
    private readonly List<PythonToken> _tokens = [];
    private readonly Stack<(char Bracket, PythonPlace Place)> _open = new();
    private int _at, _line = 1, _lineStart;

    private PythonScanner(string text, Func<PythonPlace, string, Exception> fault) => (_text, _fault) = (text, fault);

    /// <summary>The tokens; the last one is the end.</summary>
    /// <param name="text">The file.</param>
    /// <param name="fault">Makes the exception for a place and a message.</param>
    public static IReadOnlyList<PythonToken> Scan(string text, Func<PythonPlace, string, Exception> fault) => new PythonScanner(text, fault).Scan();

    private PythonPlace Here => new(_line, _at - _lineStart + 1);

    private List<PythonToken> Scan()
    {
        while (_at < _text.Length)
        {
            char letter = _text[_at];
            if (letter == '\n')
            {
                EndLine();
            }
            else if (letter is ' ' or '\t' or '\r' or '\f' || (letter == '\\' && _at + 1 < _text.Length && _text[_at + 1] is '\n' or '\r'))
            {
                _at++;
                if (letter == '\\')
                {
                    _at += _text[_at] == '\r' ? 1 : 0;
                    NextLine();
                }
            }
            else if (letter == '#')
            {
                int end = _text.IndexOf('\n', _at);
                _at = end < 0 ? _text.Length : end;
            }
            else if (StringStart() is { } start)
            {
                ReadString(start.Prefix, start.Quote);
            }
            else if (char.IsLetter(letter) || letter == '_')
            {
                Add(PythonTokenKind.Name, _at, Skip(character => char.IsLetterOrDigit(character) || character == '_'), Here);
            }
            else if (char.IsAsciiDigit(letter) || (letter == '.' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1])))
            {
                ReadNumber();
            }
            else
            {
                ReadOperator(letter);
            }
        }

        if (_open.TryPeek(out (char Bracket, PythonPlace Place) last))
        {
            throw _fault(last.Place, $"the {last.Bracket} is never closed.");
        }

        _tokens.Add(new PythonToken(PythonTokenKind.LineEnd, "", Here));
        _tokens.Add(new PythonToken(PythonTokenKind.End, "", Here));
        return _tokens;
    }

    private void EndLine()
    {
        if (_open.Count == 0)
        {
            _tokens.Add(new PythonToken(PythonTokenKind.LineEnd, "", Here));
        }

        NextLine();
    }

    private void NextLine()
    {
        _at++;
        _line++;
        _lineStart = _at;
    }

    private int Skip(Func<char, bool> belongs)
    {
        int end = _at;
        while (end < _text.Length && belongs(_text[end]))
        {
            end++;
        }

        return end;
    }

    private void Add(PythonTokenKind kind, int start, int end, PythonPlace place)
    {
        _tokens.Add(new PythonToken(kind, _text[start..end], place));
        _at = end;
    }

    private void ReadNumber()
    {
        int end = _at;
        bool isHexadecimal = _text[_at] == '0' && _at + 1 < _text.Length && _text[_at + 1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B';
        while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] is '.' or '_' || (_text[end] is '+' or '-' && !isHexadecimal && _text[end - 1] is 'e' or 'E')))
        {
            end++;
        }

        Add(PythonTokenKind.Number, _at, end, Here);
    }

    private void ReadOperator(char letter)
    {
        PythonPlace place = Here;
        string text = Operators.FirstOrDefault(candidate => string.CompareOrdinal(_text, _at, candidate, 0, candidate.Length) == 0) ?? $"{letter}";
        if (text.Length == 1 && !"+-*/%@&|^~<>()[]{},:.;=!".Contains(letter, StringComparison.Ordinal))
        {
            throw _fault(place, $"the character {Terminal.Visible.Of($"{letter}")} has no place in Python here.");
        }

        if (text is "(" or "[" or "{")
        {
            _open.Push((letter, place));
        }
        else if (text is ")" or "]" or "}" && (!_open.TryPop(out (char Bracket, PythonPlace Place) opened) || opened.Bracket != (letter == ')' ? '(' : letter == ']' ? '[' : '{')))
        {
            throw _fault(place, $"the {letter} closes nothing that is open.");
        }

        Add(PythonTokenKind.Operator, _at, _at + text.Length, place);
    }

    private (string Prefix, string Quote)? StringStart()
    {
        int end = Skip(character => character is 'r' or 'R' or 'b' or 'B' or 'f' or 'F' or 'u' or 'U');
        if (end - _at > 2 || end >= _text.Length || _text[end] is not ('"' or '\''))
        {
            return null;
        }

        string one = $"{_text[end]}", three = new(_text[end], 3);
        return (_text[_at..end].ToLowerInvariant(), string.CompareOrdinal(_text, end, three, 0, 3) == 0 ? three : one);
    }

    private void ReadString(string prefix, string quote)
    {
        PythonPlace place = Here;
        _at += prefix.Length + quote.Length;
        var content = new StringBuilder();
        while (_at >= _text.Length || string.CompareOrdinal(_text, _at, quote, 0, quote.Length) != 0)
        {
            if (_at >= _text.Length || (_text[_at] == '\n' && quote.Length == 1))
            {
                throw _fault(place, $"the text that begins with {quote} is never closed.");
            }

            if (_text[_at] == '\\' && _at + 1 < _text.Length)
            {
                content.Append(prefix.Contains('r', StringComparison.Ordinal) ? $"\\{_text[_at + 1]}" : Escaped(_text[_at + 1]));
                _at++;
            }
            else
            {
                content.Append(_text[_at]);
            }

            if (_text[_at] == '\n')
            {
                NextLine();
            }
            else
            {
                _at++;
            }
        }

        _at += quote.Length;
        _tokens.Add(new PythonToken(prefix.Contains('f', StringComparison.Ordinal) ? PythonTokenKind.Formatted : PythonTokenKind.Text, content.ToString(), place));
    }

    private static string Escaped(char letter) => letter switch
    {
        'n' => "\n",
        't' => "\t",
        '\n' => "",
        '\\' or '\'' or '"' => $"{letter}",
        _ => $"\\{letter}",
    };
}
