namespace Tessera.Cli.HatConfigs;

/// <summary>Reads expressions and computes their values in one pass. Nothing is executed: functions are those of <see cref="PythonFunctions"/>.</summary>
/// <param name="tokens">The file.</param>
/// <param name="variables">What the file has defined so far.</param>
/// <param name="faults">Bounds and messages.</param>
internal sealed partial class PythonExpressions(IReadOnlyList<PythonToken> tokens, IReadOnlyDictionary<string, PythonValue> variables, PythonFaults faults)
{
    private static readonly string[][] Levels = [["or"], ["and"], [], ["==", "!=", "<", ">", "<=", ">=", "in", "not", "is"], ["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "//", "%", "@"]];

    private readonly PythonOperations _operations = new(faults);
    private readonly PythonFunctions _functions = new(faults, new PythonOperations(faults));
    private int _depth;

    /// <summary>The place of the next token.</summary>
    public int At { get; set; }

    /// <summary>The next token.</summary>
    public PythonToken Next => tokens[At];

    /// <summary>The token behind the next one.</summary>
    public PythonToken TokenAfter => tokens[Math.Min(At + 1, tokens.Count - 1)];

    /// <summary>Takes the next token.</summary>
    public PythonToken Take() => tokens[At++];

    /// <summary>Takes the next token where it is this operator.</summary>
    public bool TryTake(string operatorText)
    {
        bool isThere = Next.Is(operatorText);
        At += isThere ? 1 : 0;
        return isThere;
    }

    /// <summary>Takes an operator that must stand here.</summary>
    public void Require(string operatorText)
    {
        if (!TryTake(operatorText))
        {
            throw Unexpected($"expected {operatorText}");
        }
    }

    /// <summary>The fault that the next token does not belong here.</summary>
    public Core.UsageException Unexpected(string expected) => faults.At(
        Next.Place, $"{(Next.Kind is PythonTokenKind.LineEnd or PythonTokenKind.End ? "the line ends" : $"{Configuration.Excerpt.Of(Next.Text)} stands")} where {expected}.");

    /// <summary>An expression, or several with commas between them, which are a tuple.</summary>
    public PythonValue ReadList()
    {
        PythonValue first = Read();
        if (!Next.Is(","))
        {
            return first;
        }

        var items = new List<PythonValue> { first };
        while (TryTake(",") && Next.Kind is not PythonTokenKind.LineEnd && !Next.Is("=") && !Next.Is(")") && !Next.Is("]"))
        {
            items.Add(Read());
        }

        return _operations.Listed(items, first.Place);
    }

    /// <summary>One expression.</summary>
    public PythonValue Read()
    {
        using Nesting nested = Enter();
        if (Next.IsWord("lambda"))
        {
            PythonPlace place = Take().Place;
            while (!Next.Is(":") && Next.Kind is not PythonTokenKind.LineEnd)
            {
                At++;
            }

            Require(":");
            _ = Read();
            return new PythonUnknown("a lambda", place);
        }

        PythonValue value = ReadLevel(0);
        if (!Next.IsWord("if"))
        {
            return value;
        }

        PythonPlace condition = Take().Place;
        bool? truth = PythonOperations.Truth(ReadLevel(0));
        if (!Next.IsWord("else"))
        {
            throw Unexpected("expected else");
        }

        At++;
        PythonValue other = Read();
        return truth is null ? new PythonUnknown("a condition that is not known", condition) : truth.Value ? value : other;
    }

    private PythonValue ReadLevel(int level)
    {
        if (level == Levels.Length)
        {
            return ReadUnary();
        }

        if (level == 2 && Next.IsWord("not"))
        {
            PythonPlace place = Take().Place;
            using Nesting nested = Enter();
            return PythonOperations.Truth(ReadLevel(level)) is { } truth ? new PythonFlag(!truth, place) : new PythonUnknown("a condition that is not known", place);
        }

        PythonValue left = ReadLevel(level + 1);
        while (Next.Kind is PythonTokenKind.Operator or PythonTokenKind.Name && Levels[level].Contains(Next.Text))
        {
            PythonToken name = Take();
            string text = name.Text;
            if (text is "not" or "is" && Next.Kind == PythonTokenKind.Name && Next.Text == (text == "not" ? "in" : "not"))
            {
                text = $"{text} {Take().Text}";
            }

            PythonValue right = ReadLevel(level + 1);
            left = level > 1 ? _operations.Binary(text, left, right, name.Place)
                : PythonOperations.Truth(left) is not { } truth ? new PythonUnknown("a condition that is not known", name.Place)
                : truth == (level == 0) ? left : right;
        }

        return left;
    }

    private PythonValue ReadUnary()
    {
        PythonToken first = Next;
        if (first.Is("-") || first.Is("+") || first.Is("~"))
        {
            At++;
            using Nesting nested = Enter();
            PythonValue value = ReadUnary();
            return first.Is("-") ? _operations.Negative(value, first.Place) : first.Is("+") ? value : new PythonUnknown("the result of ~", first.Place);
        }

        PythonValue left = ReadTrailers(ReadAtom());
        if (!Next.Is("**"))
        {
            return left;
        }

        PythonPlace place = Take().Place;
        using Nesting inner = Enter();
        return _operations.Binary("**", left, ReadUnary(), place);
    }

    private Nesting Enter() => ++_depth > PythonFaults.MaxDepth
        ? throw faults.At(Next.Place, $"more than {PythonFaults.MaxDepth} brackets and operators lie in one another here.")
        : new Nesting(this);

    private readonly struct Nesting(PythonExpressions owner) : IDisposable
    {
        public void Dispose() => owner._depth--;
    }
}
