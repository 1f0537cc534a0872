using Tessera.Core;

namespace Tessera.Compiler;

/// <summary>How much the scheduler changes. Every level computes the same bits; only order and memory differ.</summary>
public enum OptLevel
{
    /// <summary>The program's order; every tensor has a place of its own.</summary>
    O0 = 0,

    /// <summary>The program's order; tensors share memory where their lifetimes allow it.</summary>
    O1 = 1,

    /// <summary>Independent branches are reordered to lower the memory peak; then memory is shared.</summary>
    O2 = 2,
}

/// <summary>Reads optimisation levels as users write them.</summary>
public static class OptLevelParser
{
    /// <summary>Reads <c>0</c>, <c>1</c>, <c>2</c>, <c>O0</c>, <c>O1</c> or <c>O2</c>.</summary>
    /// <exception cref="UsageException">It is something else.</exception>
    public static OptLevel Parse(string text) => text.Trim().ToUpperInvariant() switch
    {
        "0" or "O0" => OptLevel.O0,
        "1" or "O1" => OptLevel.O1,
        "2" or "O2" => OptLevel.O2,
        _ => throw new UsageException($"--opt is \"{text}\"; use 0 (no memory reuse), 1 (memory reuse) or 2 (reordering and memory reuse)."),
    };
}
