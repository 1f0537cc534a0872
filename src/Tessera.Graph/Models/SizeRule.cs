using System.Collections.Immutable;

namespace Tessera.Graphs.Models;

/// <summary>Which heights and widths a network takes: said to whoever chose another one.</summary>
/// <param name="Text">The rule, as the rest of a sentence that begins with "height and width must be".</param>
/// <param name="Nearest">Of a height or width the nearest one that fits; itself where it does.</param>
public sealed record SizeRule(string Text, Func<int, int> Nearest)
{
    /// <summary>The multiples of a step.</summary>
    public static SizeRule MultiplesOf(int step) => new($"divisible by {step}", size => (int)Math.Max(step, ((long)size + (step / 2)) / step * step));

    /// <summary>Some sizes and no others.</summary>
    /// <param name="sizes">The sizes, at least one.</param>
    /// <param name="why">What makes them so.</param>
    public static SizeRule OneOf(ImmutableArray<int> sizes, string why) => new($"{(sizes.Length > 1 ? "one of " : "")}{string.Join(", ", sizes)} ({why})", size => sizes.MinBy(fitting => Math.Abs((long)fitting - size)));
}
