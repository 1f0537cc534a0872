using System.Runtime.CompilerServices;

namespace Tessera.Programs;

/// <summary>
/// The text of a rule that a program may break, put together only where it is broken: programs are verified whenever a model is loaded, and have a rule for
/// each channel and each tensor.
/// </summary>
[InterpolatedStringHandler]
internal ref struct ProblemText
{
    private DefaultInterpolatedStringHandler _text;

    /// <summary>Called by the compiler for an interpolated text.</summary>
    /// <param name="literalLength">Characters of its constant parts.</param>
    /// <param name="formattedCount">Number of its other parts.</param>
    /// <param name="holds">Whether the rule is kept.</param>
    /// <param name="isBroken">Tells the compiler to compute the other parts.</param>
    public ProblemText(int literalLength, int formattedCount, bool holds, out bool isBroken)
    {
        isBroken = !holds;
        _text = holds ? default : new DefaultInterpolatedStringHandler(literalLength, formattedCount);
    }

    /// <summary>A constant part.</summary>
    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    /// <summary>Another part.</summary>
    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    /// <summary>Another part with its format.</summary>
    public void AppendFormatted<T>(T value, string format) => _text.AppendFormatted(value, format);

    /// <summary>The text, once.</summary>
    public string Take() => _text.ToStringAndClear();
}
