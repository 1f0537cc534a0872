using System.Globalization;

namespace Tessera.Cli.HatConfigs;

/// <content>Names, numbers, texts, lists and dicts.</content>
internal sealed partial class PythonExpressions
{
    private static readonly string[] Reserved = ["if", "else", "elif", "for", "while", "in", "is", "and", "or", "not", "def", "class", "return", "import", "from", "with", "as", "try", "except", "finally", "lambda", "pass", "yield", "del"];

    private PythonUnknown Comprehension(PythonPlace place)
    {
        for (int depth = 0; depth > 0 || !(Next.Is(")") || Next.Is("]") || Next.Is("}")); At++)
        {
            depth += Next.Is("(") || Next.Is("[") || Next.Is("{") ? 1 : Next.Is(")") || Next.Is("]") || Next.Is("}") ? -1 : 0;
        }

        return new PythonUnknown("a comprehension", place);
    }

    private PythonValue ReadAtom()
    {
        PythonToken token = Take();
        switch (token.Kind)
        {
            case PythonTokenKind.Text or PythonTokenKind.Formatted:
                PythonValue text = Text(token);
                while (Next.Kind is PythonTokenKind.Text or PythonTokenKind.Formatted)
                {
                    text = _operations.Binary("+", text, Text(Take()), token.Place);
                }

                return text;
            case PythonTokenKind.Number:
                return Number(token);
            case PythonTokenKind.Name:
                return token.Text switch
                {
                    _ when Reserved.Contains(token.Text) => throw faults.At(token.Place, $"{token.Text} stands where a value is expected."),
                    "None" => new PythonNone(token.Place),
                    "True" => new PythonFlag(true, token.Place),
                    "False" => new PythonFlag(false, token.Place),
                    _ => variables.TryGetValue(token.Text, out PythonValue? value) ? value : new PythonName(token.Text, token.Place),
                };
            case PythonTokenKind.Operator when token.Text is "(" or "[":
                return ReadSequence(token, token.Text == "(" ? ")" : "]");
            case PythonTokenKind.Operator when token.Text == "{":
                return ReadBraces(token);
            case PythonTokenKind.Operator when token.Text == "...":
                return new PythonUnknown("...", token.Place);
            default:
                At--;
                throw Unexpected("a value is expected");
        }
    }

    private PythonValue ReadSequence(PythonToken open, string close)
    {
        var items = new List<PythonValue>();
        bool isTuple = close == "]";
        while (!TryTake(close))
        {
            PythonValue item = TryTake("*") ? new PythonUnknown("items from a list", Read().Place) : Read();
            if (Next.IsWord("for"))
            {
                item = Comprehension(open.Place);
                Require(close);
                return item;
            }

            items.Add(item);
            if (!Next.Is(close))
            {
                Require(",");
                isTuple = true;
            }
        }

        return isTuple || items.Count == 0 ? _operations.Listed(items, open.Place) : items[0];
    }

    private PythonValue ReadBraces(PythonToken open)
    {
        var entries = new OrderedDictionary<string, PythonValue>();
        var items = new List<PythonValue>();
        while (!TryTake("}"))
        {
            if (TryTake("**"))
            {
                Spread(Read(), entries);
            }
            else
            {
                PythonValue key = Read(), value = TryTake(":") ? Read() : key;
                if (Next.IsWord("for"))
                {
                    PythonUnknown unknown = Comprehension(open.Place);
                    Require("}");
                    return unknown;
                }

                if (ReferenceEquals(key, value))
                {
                    items.Add(key);
                }
                else
                {
                    entries[PythonOperations.Plain(key) ?? throw faults.At(key.Place, "a key of a dict must be a text, a number or a name here.")] = value;
                }
            }

            if (!Next.Is("}"))
            {
                Require(",");
            }
        }

        faults.Spend(entries.Count + items.Count + 1, open.Place);
        return items.Count > 0 ? new PythonList(items, false, open.Place) : new PythonMap(entries, open.Place);
    }

    private PythonValue Text(PythonToken token)
    {
        faults.Spend(token.Text.Length + 1, token.Place);
        if (token.Kind == PythonTokenKind.Text)
        {
            return new PythonText(token.Text, token.Place);
        }

        string text = "";
        foreach ((int number, string part) in token.Text.Split('{', '}').Index())
        {
            string? value = number % 2 == 0 ? part : variables.TryGetValue(part.Trim(), out PythonValue? variable) ? PythonOperations.Plain(variable) : null;
            if (value is null)
            {
                return new PythonUnknown("an f-string", token.Place);
            }

            faults.Spend(value.Length, token.Place);
            text += value;
        }

        return new PythonText(text, token.Place);
    }

    private PythonNumber Number(PythonToken token)
    {
        string text = token.Text.Replace("_", "", StringComparison.Ordinal);
        bool isHexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (isHexadecimal && long.TryParse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long whole))
        {
            return new PythonNumber(whole, true, token.Place);
        }

        return !isHexadecimal && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? new PythonNumber(number, text.All(char.IsAsciiDigit), token.Place)
            : throw faults.At(token.Place, $"{Configuration.Excerpt.Of(token.Text)} is no number that is understood.");
    }
}
