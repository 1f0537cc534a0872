using System.Globalization;

namespace Tessera.Cli.HatConfigs;

/// <summary>Python's operators on the values that configurations have. What is not computed is a <see cref="PythonUnknown"/>.</summary>
/// <param name="faults">Bounds and messages.</param>
internal sealed class PythonOperations(PythonFaults faults)
{
    /// <summary>An operator between two values.</summary>
    /// <exception cref="Core.UsageException">A division by zero, or a result that is too large.</exception>
    public PythonValue Binary(string name, PythonValue left, PythonValue right, PythonPlace place)
    {
        PythonValue? result = (left, right) switch
        {
            (PythonList { IsArray: true } array, PythonNumber) => Each(array, item => Binary(name, item, right, place), place),
            (PythonNumber, PythonList { IsArray: true } array) => Each(array, item => Binary(name, left, item, place), place),
            (PythonList { IsArray: true } a, PythonList { IsArray: true } b) when a.Items.Count == b.Items.Count => Each(a, b, name, place),
            (PythonNumber a, PythonNumber b) => Arithmetic(name, a, b, place) ?? (PythonValue?)Comparison(name, a, b, place),
            (PythonText a, PythonText b) when name == "+" => Text(a.Value, b.Value, place),
            (PythonList a, PythonList b) when name == "+" => Listed([.. a.Items, .. b.Items], place),
            (PythonList a, PythonNumber { IsWhole: true } times) when name == "*" => Repeated(a, times.Value, place),
            (PythonNumber { IsWhole: true } times, PythonList a) when name == "*" => Repeated(a, times.Value, place),
            (PythonText a, PythonNumber or PythonText) when name == "%" => a.Value.Split("%s") is [var before, var after] ? new PythonText(before + Plain(right) + after, place) : null,
            _ => Comparison(name, left, right, place),
        };
        return result ?? new PythonUnknown($"the result of {name}", place);
    }

    /// <summary>The negative of a number or of each number of an array.</summary>
    public PythonValue Negative(PythonValue value, PythonPlace place) => Binary("-", new PythonNumber(0, true, place), value, place);

    /// <summary>Whether Python takes a value for true; null where it is not known.</summary>
    public static bool? Truth(PythonValue value) => value switch
    {
        PythonNone => false,
        PythonFlag flag => flag.Value,
        PythonNumber number => number.Value != 0,
        PythonText text => text.Value.Length > 0,
        PythonList list => list.Items.Count > 0,
        PythonMap map => map.Entries.Count > 0,
        _ => null,
    };

    /// <summary>An item by key or number.</summary>
    /// <exception cref="Core.UsageException">There is none.</exception>
    public PythonValue Item(PythonValue container, PythonValue key, PythonPlace place) => (container, key) switch
    {
        (PythonMap map, _) when Plain(key) is { } text => map.Entries.TryGetValue(text, out PythonValue? value) ? value : throw faults.At(place, $"the dict has no key {Core(text)}; it has {Core(string.Join(", ", map.Entries.Keys))}."),
        (PythonList list, PythonNumber { IsWhole: true } number) => At(list.Items, number.Value, place),
        (PythonText text, PythonNumber { IsWhole: true } number) => new PythonText($"{At([.. text.Value], number.Value, place)}", place),
        _ => new PythonUnknown("an item of what is not known", place),
    };

    /// <summary>The part of a list or text from one place to another, which may be absent.</summary>
    public PythonValue Slice(PythonValue container, PythonValue? from, PythonValue? to, PythonPlace place)
    {
        int length = container is PythonList list ? list.Items.Count : container is PythonText text ? text.Value.Length : -1;
        if (length < 0 || from is not (null or PythonNumber or PythonNone) || to is not (null or PythonNumber or PythonNone))
        {
            return new PythonUnknown("a part of what is not known", place);
        }

        int first = Bound(from, 0, length), last = Math.Max(first, Bound(to, length, length));
        faults.Spend(last - first, place);
        return container is PythonList source ? source with { Items = source.Items[first..last], Place = place } : new PythonText(((PythonText)container).Value[first..last], place);
    }

    /// <summary>The key of a dict, or a part of a text: a text as it is, a number in its shortest spelling; null for what is neither.</summary>
    public static string? Plain(PythonValue value) => value switch
    {
        PythonText text => text.Value,
        PythonNumber number => number.Value.ToString("R", CultureInfo.InvariantCulture),
        PythonName name => name.Value,
        PythonFlag flag => flag.Value ? "True" : "False",
        _ => null,
    };

    /// <summary>A new list.</summary>
    public PythonList Listed(List<PythonValue> items, PythonPlace place, bool isArray = false)
    {
        faults.Spend(items.Count + 1, place);
        return new PythonList(items, isArray, place);
    }

    private static string Core(string text) => Configuration.Excerpt.Of(text);

    private static int Bound(PythonValue? value, int missing, int length) =>
        value is not PythonNumber number ? missing : (int)Math.Clamp(number.Value < 0 ? number.Value + length : number.Value, 0, length);

    private T At<T>(IReadOnlyList<T> items, double number, PythonPlace place)
    {
        double index = number < 0 ? number + items.Count : number;
        return index >= 0 && index < items.Count ? items[(int)index] : throw faults.At(place, string.Create(CultureInfo.InvariantCulture, $"there is no item {number}; there are {items.Count}."));
    }

    private PythonList Each(PythonList array, Func<PythonValue, PythonValue> change, PythonPlace place) => Listed([.. array.Items.Select(change)], place, isArray: true);

    private PythonList Each(PythonList a, PythonList b, string name, PythonPlace place) => Listed([.. a.Items.Zip(b.Items, (left, right) => Binary(name, left, right, place))], place, isArray: true);

    private PythonText Text(string a, string b, PythonPlace place)
    {
        faults.Spend(a.Length + b.Length, place);
        return new PythonText(a + b, place);
    }

    private PythonList Repeated(PythonList list, double times, PythonPlace place)
    {
        faults.Spend((long)Math.Max(0, Math.Min(times, int.MaxValue) * Math.Max(1, list.Items.Count)), place);
        return new PythonList([.. Enumerable.Repeat(list.Items, (int)Math.Max(0, times)).SelectMany(items => items)], false, place);
    }

    private PythonNumber? Arithmetic(string name, PythonNumber a, PythonNumber b, PythonPlace place)
    {
        if (name is "/" or "//" or "%" && b.Value == 0)
        {
            throw faults.At(place, "this divides by zero.");
        }

        bool isWhole = a.IsWhole && b.IsWhole;
        return name switch
        {
            "+" => new PythonNumber(a.Value + b.Value, isWhole, place),
            "-" => new PythonNumber(a.Value - b.Value, isWhole, place),
            "*" => new PythonNumber(a.Value * b.Value, isWhole, place),
            "/" => new PythonNumber(a.Value / b.Value, false, place),
            "//" => new PythonNumber(Math.Floor(a.Value / b.Value), isWhole, place),
            "%" => new PythonNumber(a.Value - (b.Value * Math.Floor(a.Value / b.Value)), isWhole, place),
            "**" => new PythonNumber(Math.Pow(a.Value, b.Value), isWhole && b.Value >= 0, place),
            _ => null,
        };
    }

    private static PythonFlag? Comparison(string name, PythonValue left, PythonValue right, PythonPlace place)
    {
        PythonFlag? Flag(bool? value) => value is { } flag ? new PythonFlag(flag, place) : null;
        bool? same = left is PythonNone || right is PythonNone ? (left is PythonUnknown or PythonName || right is PythonUnknown or PythonName ? null : left is PythonNone && right is PythonNone)
            : Scalar(left) is { } a && Scalar(right) is { } b ? a == b : null;
        return name switch
        {
            "==" or "is" => Flag(same),
            "!=" or "is not" => Flag(!same),
            "<" or ">" or "<=" or ">=" when (left, right) is (PythonNumber x, PythonNumber y) => Flag(name[0] == '<' ? x.Value < y.Value || (name == "<=" && x.Value == y.Value) : x.Value > y.Value || (name == ">=" && x.Value == y.Value)),
            "in" or "not in" when Scalar(left) is not null && right is PythonMap map => Flag(map.Entries.ContainsKey(Plain(left)!) == (name == "in")),
            "in" or "not in" when Scalar(left) is { } wanted && right is PythonList list && list.Items.All(item => Scalar(item) is not null) => Flag(list.Items.Any(item => Scalar(item) == wanted) == (name == "in")),
            _ => null,
        };
    }

    // A value that can be compared, with its kind, for 1 is not "1".
    private static (string Kind, string Value)? Scalar(PythonValue value) => value switch
    {
        PythonText text => ("text", text.Value),
        PythonNumber number => ("number", number.Value.ToString("R", CultureInfo.InvariantCulture)),
        PythonFlag flag => ("number", flag.Value ? "1" : "0"),
        _ => null,
    };
}
