using System.Collections.Immutable;

namespace Tessera.Recipes;

/// <summary>
/// A map of named values while an options record takes its own from it. Each key that is read is known, all others are errors. A value that is missing,
/// of another kind or out of range is reported, and a substitute is returned, so that one reading reports everything that is wrong.
/// </summary>
public interface IKeyReader
{
    /// <summary>How many problems there are so far: a check of several values together may skip what is already reported.</summary>
    int ProblemCount { get; }

    /// <summary>The keys that are given, in their order.</summary>
    IEnumerable<string> GivenKeys { get; }

    /// <summary>Whether a key is given whose absence is no value; from now on it is known.</summary>
    bool Has(string key);

    /// <summary>A key of another toolkit's configurations that can say one thing only here: what is always done. It may be absent.</summary>
    /// <param name="key">The key.</param>
    /// <param name="always">What is done whatever is asked for, and where to read of it: a sentence.</param>
    /// <param name="values">The values that ask for it, in YAML; the first is the advice. Numbers are compared as numbers, a dotted name (<c>nn.ReLU</c>) by its last part.</param>
    void Settled(string key, string always, params ReadOnlySpan<string> values);

    /// <summary>Keys of another toolkit's configurations that ask for nothing here, whatever they say.</summary>
    void Idle(params ReadOnlySpan<string> keys);

    /// <summary>A number in [<paramref name="min"/>, <paramref name="max"/>]; required when there is no fallback.</summary>
    double Number(string key, double? fallback, double min, double max);

    /// <summary>A number greater than 0, at most <paramref name="max"/>; required when there is no fallback.</summary>
    double Positive(string key, double? fallback, double max);

    /// <summary>A whole number in [<paramref name="min"/>, <paramref name="max"/>]; required when there is no fallback.</summary>
    int Int(string key, int? fallback, int min, int max = int.MaxValue);

    /// <summary>true or false.</summary>
    bool Flag(string key, bool fallback);

    /// <summary>A text that is not empty; required when there is no fallback.</summary>
    string Text(string key, string? fallback = null);

    /// <summary>One of some words; required when there is no fallback.</summary>
    T Choice<T>(string key, T? fallback, params ReadOnlySpan<(string Name, T Value)> choices)
        where T : struct;

    /// <summary>A list of numbers in [<paramref name="min"/>, <paramref name="max"/>].</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">The list when the key is absent; null when it is required.</param>
    /// <param name="count">The length that the list must have; null for any.</param>
    /// <param name="min">Smallest value.</param>
    /// <param name="max">Largest value.</param>
    ImmutableArray<double> Numbers(string key, ImmutableArray<double>? fallback, int? count, double min, double max);

    /// <summary>A list of whole numbers in [<paramref name="min"/>, <paramref name="max"/>]; otherwise as <see cref="Numbers"/>.</summary>
    ImmutableArray<int> Ints(string key, ImmutableArray<int>? fallback, int? count, int min, int max);

    /// <summary>Two numbers in [<paramref name="min"/>, <paramref name="max"/>], the first not larger than the second; the fallback where they are wrong.</summary>
    (double Min, double Max) Range(string key, (double Min, double Max) fallback, double min, double max)
    {
        int problems = ProblemCount;
        ImmutableArray<double> range = Numbers(key, [fallback.Min, fallback.Max], 2, min, max);
        if (range[0] > range[1])
        {
            Report(key, FormattableString.Invariant($"is [{range[0]}, {range[1]}]; the first value must not be larger than the second."));
        }

        return ProblemCount == problems ? (range[0], range[1]) : fallback;
    }

    /// <summary>As PyTorch writes ranges about 0: two numbers as in <see cref="Range"/>, or one, the largest to either side. The key is required.</summary>
    (double Min, double Max) RangeOrLargest(string key, double most)
    {
        if (IsList(key))
        {
            return Range(key, (0, 0), -most, most);
        }

        double largest = Number(key, null, 0, most);
        return (0 - largest, largest);
    }

    /// <summary>Whether the value of a key is a list.</summary>
    bool IsList(string key);

    /// <summary>The map below a key; an empty one when the key is absent.</summary>
    IKeyReader Section(string key);

    /// <summary>The thing that this map's <c>type</c> names.</summary>
    /// <param name="table">The types that may stand here.</param>
    /// <param name="fallback">The type when the key is absent; null when it is required.</param>
    T Typed<T>(RecipeTable<T> table, string? fallback = null);

    /// <summary>Reports a fault that only shows when several values are seen together.</summary>
    /// <param name="key">The key, dotted where it lies in a map below this one.</param>
    /// <param name="text">What is wrong, as the rest of a sentence that begins with the key.</param>
    void Report(string key, string text);
}
