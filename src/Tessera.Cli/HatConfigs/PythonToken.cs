namespace Tessera.Cli.HatConfigs;

/// <summary>What a piece of Python text is.</summary>
internal enum PythonTokenKind
{
    /// <summary>A name or keyword.</summary>
    Name,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A text; the token's text is its content.</summary>
    Text,

    /// <summary>A text with expressions in it (f-string), which is not evaluated.</summary>
    Formatted,

    /// <summary>An operator or bracket.</summary>
    Operator,

    /// <summary>The end of a logical line.</summary>
    LineEnd,

    /// <summary>The end of the file.</summary>
    End,
}

/// <summary>A place in a Python file.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
internal readonly record struct PythonPlace(int Line, int Column);

/// <summary>A piece of Python text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
/// <param name="Place">Where it begins.</param>
internal readonly record struct PythonToken(PythonTokenKind Kind, string Text, PythonPlace Place)
{
    /// <summary>Whether it is this operator.</summary>
    public bool Is(string operatorText) => Kind == PythonTokenKind.Operator && Text == operatorText;

    /// <summary>Whether it is this keyword.</summary>
    public bool IsWord(string word) => Kind == PythonTokenKind.Name && Text == word;
}
