using System.Globalization;

namespace Tessera.Cli.HatConfigs;

/// <summary>The functions that HAT's configurations call and that only make values. No other function is ever called.</summary>
/// <param name="faults">Bounds and messages.</param>
/// <param name="operations">Operators.</param>
internal sealed class PythonFunctions(PythonFaults faults, PythonOperations operations)
{
    /// <summary>A call.</summary>
    /// <param name="name">The function's dotted name.</param>
    /// <param name="arguments">Its arguments in order.</param>
    /// <param name="named">Its named arguments.</param>
    /// <param name="place">Where it stands.</param>
    /// <returns>The value, or a <see cref="PythonUnknown"/> where the function is none of those.</returns>
    public PythonValue Call(string name, List<PythonValue> arguments, OrderedDictionary<string, PythonValue> named, PythonPlace place)
    {
        PythonValue? value = (Configuration.PlainValue.LastPart(name), arguments) switch
        {
            ("dict", _) => Dict(arguments, named, place),
            ("tuple" or "list" or "set" or "sorted", []) => operations.Listed([], place),
            ("tuple" or "list" or "set" or "tolist", [PythonList list]) => operations.Listed([.. list.Items], place),
            ("tuple" or "list", [PythonText text]) => operations.Listed([.. text.Value.Select(letter => new PythonText($"{letter}", place))], place),
            ("array" or "asarray", [PythonList list, ..]) => operations.Listed([.. list.Items], place, isArray: true),
            ("sorted", [PythonList list]) when Numbers(list) is { } numbers => Listed(numbers.OrderBy(item => item.Value), place),
            ("len", [PythonList list]) => Whole(list.Items.Count, place),
            ("len", [PythonMap map]) => Whole(map.Entries.Count, place),
            ("range", [PythonNumber end]) => Range(0, end.Value, 1, place),
            ("range", [PythonNumber first, PythonNumber end]) => Range(first.Value, end.Value, 1, place),
            ("range", [PythonNumber first, PythonNumber end, PythonNumber step]) => Range(first.Value, end.Value, step.Value, place),
            ("min" or "max" or "sum", [PythonList list]) when Numbers(list) is { Length: > 0 } numbers => Fold(name, numbers, place),
            ("min" or "max", [PythonNumber, PythonNumber, ..]) when Numbers(arguments) is { } numbers => Fold(name, numbers, place),
            ("int", [PythonNumber number]) => new PythonNumber(Math.Truncate(number.Value), true, place),
            ("int" or "float", [PythonText text]) when double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => new PythonNumber(number, name == "int", place),
            ("float", [PythonNumber number]) => number with { IsWhole = false, Place = place },
            ("abs", [PythonNumber number]) => number with { Value = Math.Abs(number.Value), Place = place },
            ("round", [PythonNumber number]) => new PythonNumber(Math.Round(number.Value, MidpointRounding.ToEven), true, place),
            ("str", [var any]) when PythonOperations.Plain(any) is { } text => new PythonText(text, place),
            ("join", _) when name.EndsWith("path.join", StringComparison.Ordinal) => Path(arguments, place),
            ("get", [_, var fallback]) when name.EndsWith("environ.get", StringComparison.Ordinal) => fallback,
            ("getenv", [_, var fallback]) => fallback,
            ("deepcopy" or "copy", [var original]) => Copy(original, 0, name.EndsWith("deepcopy", StringComparison.Ordinal)),
            _ => null,
        };
        return value ?? new PythonUnknown($"a call of {name}", place);
    }

    private PythonMap? Dict(List<PythonValue> arguments, OrderedDictionary<string, PythonValue> named, PythonPlace place)
    {
        if (arguments is not ([] or [PythonMap]))
        {
            return null;
        }

        var entries = new OrderedDictionary<string, PythonValue>();
        foreach ((string key, PythonValue value) in (arguments is [PythonMap from] ? from.Entries : []).Concat(named))
        {
            entries[key] = value;
        }

        faults.Spend(entries.Count + 1, place);
        return new PythonMap(entries, place);
    }

    private PythonText? Path(List<PythonValue> arguments, PythonPlace place)
    {
        string?[] parts = [.. arguments.Select(argument => (argument as PythonText)?.Value)];
        if (parts.Length == 0 || parts.Any(part => part is null))
        {
            return null;
        }

        faults.Spend(parts.Sum(part => part!.Length), place);
        return new PythonText(parts.Aggregate("", (path, part) => path.Length == 0 || part!.StartsWith('/') ? part! : path.EndsWith('/') ? path + part : $"{path}/{part}")!, place);
    }

    private PythonValue Copy(PythonValue value, int depth, bool isDeep)
    {
        if (depth > PythonFaults.MaxDepth)
        {
            throw faults.At(value.Place, $"more than {PythonFaults.MaxDepth} lists and dicts lie in one another here.");
        }

        PythonValue Inner(PythonValue item) => isDeep ? Copy(item, depth + 1, isDeep) : item;
        switch (value)
        {
            case PythonList list:
                return operations.Listed([.. list.Items.Select(Inner)], list.Place, list.IsArray);
            case PythonMap map:
                faults.Spend(map.Entries.Count + 1, map.Place);
                return new PythonMap(new OrderedDictionary<string, PythonValue>(map.Entries.Select(entry => KeyValuePair.Create(entry.Key, Inner(entry.Value)))), map.Place);
            default:
                return value;
        }
    }

    private PythonList Range(double first, double end, double step, PythonPlace place)
    {
        double count = step == 0 ? throw faults.At(place, "range has the step 0.") : Math.Max(0, Math.Ceiling((end - first) / step));
        faults.Spend((long)Math.Min(count, int.MaxValue), place);
        return new PythonList([.. Enumerable.Range(0, (int)count).Select(i => new PythonNumber(first + (i * step), true, place))], false, place);
    }

    private static PythonNumber[]? Numbers(PythonList list) => Numbers(list.Items);

    private static PythonNumber[]? Numbers(List<PythonValue> items) => items.All(item => item is PythonNumber) ? [.. items.Cast<PythonNumber>()] : null;

    private static PythonNumber Fold(string name, PythonNumber[] numbers, PythonPlace place)
    {
        double[] values = [.. numbers.Select(number => number.Value)];
        double value = name == "min" ? values.Min() : name == "max" ? values.Max() : values.Sum();
        return new PythonNumber(value, numbers.All(number => number.IsWhole), place);
    }

    private PythonList Listed(IEnumerable<PythonNumber> numbers, PythonPlace place) => operations.Listed([.. numbers], place);

    private static PythonNumber Whole(int value, PythonPlace place) => new(value, true, place);
}
