namespace Tessera.Cli.HatConfigs;

/// <content>What follows a value: attributes, calls, items.</content>
internal sealed partial class PythonExpressions
{
    private PythonValue ReadTrailers(PythonValue value)
    {
        while (true)
        {
            PythonPlace place = Next.Place;
            if (TryTake("."))
            {
                string member = Next.Kind == PythonTokenKind.Name ? Take().Text : throw Unexpected("expected a name");
                value = value is PythonName name ? new PythonName($"{name.Value}.{member}", name.Place)
                    : Next.Is("(") ? ReadMethod(value, member, place)
                    : new PythonUnknown($"the attribute {member}", place);
            }
            else if (TryTake("("))
            {
                (List<PythonValue> arguments, OrderedDictionary<string, PythonValue> named) = ReadArguments();
                value = value is PythonName name ? _functions.Call(name.Value, arguments, named, name.Place) : new PythonUnknown("a call", place);
            }
            else if (TryTake("["))
            {
                value = ReadSubscript(value, place);
            }
            else
            {
                return value;
            }
        }
    }

    private PythonValue ReadMethod(PythonValue value, string member, PythonPlace place)
    {
        Require("(");
        (List<PythonValue> arguments, OrderedDictionary<string, PythonValue> named) = ReadArguments();
        return (value, member, arguments) switch
        {
            (PythonMap map, "get", [var key, ..]) when PythonOperations.Plain(key) is { } text => map.Entries.TryGetValue(text, out PythonValue? found) ? found : arguments.Count > 1 ? arguments[1] : new PythonNone(place),
            (PythonMap or PythonList, "copy", []) => _functions.Call("copy", [value], named, place),
            (PythonMap map, "update", [] or [PythonMap]) => Updated(map, arguments, named, place),
            (PythonMap map, "pop", [var key, ..]) when PythonOperations.Plain(key) is { } text => map.Entries.Remove(text, out PythonValue? removed) ? removed : new PythonNone(place),
            (PythonList list, "append", [var item]) => Appended(list, [item], place),
            (PythonList list, "extend", [PythonList more]) => Appended(list, more.Items, place),
            (PythonList, "tolist", []) => _functions.Call("tolist", [value], named, place),
            (PythonText text, "format", _) when arguments.All(item => PythonOperations.Plain(item) is not null) && named.Count == 0 => Formatted(text, arguments, place),
            (PythonText text, "lower", []) => new PythonText(text.Value.ToLowerInvariant(), place),
            (PythonText text, "upper", []) => new PythonText(text.Value.ToUpperInvariant(), place),
            (PythonText text, "replace", [PythonText { Value.Length: > 0 } old, PythonText now]) when old.Value.Length >= now.Value.Length => new PythonText(text.Value.Replace(old.Value, now.Value, StringComparison.Ordinal), place),
            _ => new PythonUnknown($"a call of {member}", place),
        };
    }

    // Each {} in turn; anything else between braces is not computed.
    private PythonValue Formatted(PythonText text, List<PythonValue> arguments, PythonPlace place)
    {
        string[] parts = text.Value.Split("{}");
        if (parts.Length != arguments.Count + 1 || parts.Any(part => part.AsSpan().ContainsAny('{', '}')))
        {
            return new PythonUnknown("a call of format", place);
        }

        string formatted = parts[0] + string.Concat(parts[1..].Zip(arguments, (part, argument) => PythonOperations.Plain(argument) + part));
        faults.Spend(formatted.Length, place);
        return new PythonText(formatted, place);
    }

    private PythonNone Updated(PythonMap map, List<PythonValue> arguments, OrderedDictionary<string, PythonValue> named, PythonPlace place)
    {
        foreach ((string key, PythonValue value) in (arguments is [PythonMap from] ? from.Entries.ToArray() : []).Concat(named))
        {
            faults.Spend(1, place);
            map.Entries[key] = value;
        }

        return new PythonNone(place);
    }

    private PythonNone Appended(PythonList list, List<PythonValue> items, PythonPlace place)
    {
        faults.Spend(items.Count, place);
        list.Items.AddRange(items.ToArray());
        return new PythonNone(place);
    }

    private PythonValue ReadSubscript(PythonValue value, PythonPlace place)
    {
        PythonValue? from = Next.Is(":") ? null : ReadList();
        if (!TryTake(":"))
        {
            Require("]");
            return _operations.Item(value, from!, place);
        }

        PythonValue? to = Next.Is("]") || Next.Is(":") ? null : Read();
        bool hasStep = TryTake(":") && !Next.Is("]");
        PythonValue? step = hasStep ? Read() : null;
        Require("]");
        return step is null ? _operations.Slice(value, from, to, place) : new PythonUnknown("a part with a step", place);
    }

    private (List<PythonValue> Arguments, OrderedDictionary<string, PythonValue> Named) ReadArguments()
    {
        (List<PythonValue> arguments, OrderedDictionary<string, PythonValue> named) = ([], []);
        while (!TryTake(")"))
        {
            if (TryTake("**"))
            {
                Spread(Read(), named);
            }
            else if (Next.Kind == PythonTokenKind.Name && tokens[At + 1].Is("="))
            {
                string name = Take().Text;
                At++;
                named[name] = Read();
            }
            else
            {
                PythonPlace place = Next.Place;
                PythonValue value = TryTake("*") ? new PythonUnknown("arguments from a list", Read().Place) : Read();
                arguments.Add(Next.IsWord("for") ? Comprehension(place) : value);
            }

            if (!Next.Is(")"))
            {
                Require(",");
            }
        }

        return (arguments, named);
    }

    private void Spread(PythonValue value, OrderedDictionary<string, PythonValue> target)
    {
        foreach ((string key, PythonValue item) in value is PythonMap map ? map.Entries : [])
        {
            target[key] = item;
        }

        if (value is not PythonMap)
        {
            faults.Remark(value.Place, "what ** spreads here is not known, and left out.");
        }
    }
}
