namespace Tessera.Cli.HatConfigs;

/// <summary>
/// The variables of a Python file that is a configuration: assignments of literals, arithmetic, <c>dict()</c> and the like. It is read, never executed: what is not such
/// an assignment is passed over, with a remark where it could matter.
/// </summary>
internal sealed class PythonFile
{
    private static readonly string[] Blocks = ["for", "while", "try", "with", "except", "finally", "async"];
    private static readonly string[] Passed = ["import", "from", "pass", "assert", "global", "raise", "return", "del", "print", "nonlocal"];
    private static readonly string[] Augmented = ["+=", "-=", "*=", "/=", "//=", "%=", "**="];

    private readonly Dictionary<string, PythonValue> _variables = [];
    private readonly Dictionary<int, bool?> _branches = []; // of the last if in each column: whether a branch of it was read; null where that is not known
    private readonly PythonFaults _faults;
    private readonly PythonExpressions _reader;
    private readonly PythonOperations _operations;

    private PythonFile(string text, PythonFaults faults)
    {
        _faults = faults;
        _reader = new PythonExpressions(PythonScanner.Scan(text, faults.At), _variables, faults);
        _operations = new PythonOperations(faults);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="faults">Gets remarks; its bounds hold.</param>
    /// <returns>The variables at the end of the file.</returns>
    /// <exception cref="Core.UsageException">The text is no Python, or exceeds a bound; line and column are named.</exception>
    public static IReadOnlyDictionary<string, PythonValue> Read(string text, PythonFaults faults)
    {
        var file = new PythonFile(text, faults);
        while (file._reader.Next.Kind != PythonTokenKind.End)
        {
            file.ReadStatement();
        }

        return file._variables;
    }

    private void ReadStatement()
    {
        PythonToken first = _reader.Next;
        if (first.Kind == PythonTokenKind.LineEnd || first.Is(";"))
        {
            _reader.At++;
        }
        else if (first.Kind == PythonTokenKind.Name && Passed.Contains(first.Text))
        {
            SkipLine();
        }
        else if (first.IsWord("def") || first.IsWord("class") || first.Is("@"))
        {
            SkipBlock(first.Place.Column, isRemarked: false);
        }
        else if (first.IsWord("if") || first.IsWord("elif") || first.IsWord("else"))
        {
            ReadBranch(first);
        }
        else if (first.Kind == PythonTokenKind.Name && Blocks.Contains(first.Text))
        {
            _faults.Remark(first.Place, $"the block of this {first.Text} is not read; what it sets is not known.");
            SkipBlock(first.Place.Column, isRemarked: true);
        }
        else
        {
            ReadAssignment(first);
        }
    }

    /// <summary>Goes into the branch whose condition is true, and passes over the others.</summary>
    private void ReadBranch(PythonToken first)
    {
        int start = _reader.At++;
        bool? isDone = first.IsWord("if") ? false : _branches.GetValueOrDefault(first.Place.Column), truth = true;
        if (isDone == false && !first.IsWord("else"))
        {
            truth = PythonOperations.Truth(_reader.Read());
        }

        _branches[first.Place.Column] = isDone == false ? truth : isDone;
        if (isDone == false && truth == true)
        {
            _reader.Require(":");
            return;
        }

        _reader.At = start;
        _faults.Remark(first.Place, $"the block of this {first.Text} is not read: {(isDone == true || truth == false ? "its condition does not hold here." : "its condition is not known, and so is what it sets.")}");
        SkipBlock(first.Place.Column, isRemarked: isDone is null || truth is null);
    }

    private void ReadAssignment(PythonToken first)
    {
        var targets = new List<Action<PythonValue>>();
        int start = _reader.At;
        while (Target() is { } target)
        {
            if (target.Augmented is { } name)
            {
                target.Set(_operations.Binary(name, target.Value!, _reader.ReadList(), first.Place));
                EndStatement();
                return;
            }

            targets.Add(target.Set);
            start = _reader.At;
        }

        _reader.At = start;
        PythonValue value = _reader.ReadList();
        EndStatement();
        foreach (Action<PythonValue> set in targets)
        {
            set(value);
        }

        if (targets.Count == 0 && value is PythonUnknown call)
        {
            _faults.Remark(first.Place, $"{call.What} is not executed.");
        }
    }

    private void EndStatement()
    {
        if (_reader.Next.Kind != PythonTokenKind.LineEnd && !_reader.Next.Is(";"))
        {
            throw _reader.Unexpected("the statement should end");
        }
    }

    /// <summary>What stands before a =: how to set it; null where the line goes on otherwise.</summary>
    private (Action<PythonValue> Set, PythonValue? Value, string? Augmented)? Target()
    {
        if (_reader.Next.Kind != PythonTokenKind.Name)
        {
            return null;
        }

        PythonToken name = _reader.Take();
        Action<PythonValue> set = value => _variables[name.Text] = value;
        if (_reader.Next.Is(","))
        {
            var names = new List<string> { name.Text };
            while (_reader.TryTake(",") && _reader.Next.Kind == PythonTokenKind.Name)
            {
                names.Add(_reader.Take().Text);
            }

            return _reader.TryTake("=") ? (value => Unpack(names, value), null, null) : null;
        }

        PythonValue present = _variables.GetValueOrDefault(name.Text) ?? new PythonName(name.Text, name.Place);
        while (_reader.Next.Is("[") || _reader.Next.Is("."))
        {
            PythonPlace place = _reader.Next.Place;
            PythonValue container = present;
            if (_reader.TryTake("."))
            {
                _reader.At++;
                (present, set) = (new PythonUnknown("an attribute", place), _ => _faults.Remark(place, "an attribute is set here, which is not done."));
                continue;
            }

            _reader.At++;
            PythonValue? key = _reader.Next.Is(":") ? null : _reader.ReadList();
            if (key is null || !_reader.TryTake("]"))
            {
                return null; // a slice: no target that a configuration has
            }

            set = value => SetItem(container, key, value, place);
            present = IsThere(container, key) ? _operations.Item(container, key, place) : new PythonUnknown("a new item", place);
        }

        if (_reader.TryTake(":"))
        {
            _ = _reader.ReadList(); // an annotation
            if (_reader.Next.Kind == PythonTokenKind.LineEnd)
            {
                return (_ => { }, null, null);
            }
        }

        return _reader.TryTake("=") ? (set, null, null)
            : Augmented.FirstOrDefault(_reader.TryTake) is { } augmented ? (set, present, augmented[..^1])
            : null;
    }

    private static bool IsThere(PythonValue container, PythonValue key) => container is not PythonMap map || (PythonOperations.Plain(key) is { } text && map.Entries.ContainsKey(text));

    private void Unpack(List<string> names, PythonValue value)
    {
        foreach ((int number, string name) in names.Index())
        {
            _variables[name] = value is PythonList list && list.Items.Count == names.Count ? list.Items[number] : new PythonUnknown("a part of what is not known", value.Place);
        }
    }

    private void SetItem(PythonValue container, PythonValue key, PythonValue value, PythonPlace place)
    {
        _faults.Spend(1, place);
        switch (container)
        {
            case PythonMap map when PythonOperations.Plain(key) is { } text:
                map.Entries[text] = value;
                break;
            case PythonList list when key is PythonNumber number && _operations.Item(list, number, place) is not null:
                list.Items[(int)(number.Value < 0 ? number.Value + list.Items.Count : number.Value)] = value;
                break;
            default:
                _faults.Remark(place, "an item of what is not known is set here, which is not done.");
                break;
        }
    }

    private void SkipLine()
    {
        while (_reader.Next.Kind is not (PythonTokenKind.LineEnd or PythonTokenKind.End))
        {
            _reader.At++;
        }
    }

    /// <summary>Passes over a compound statement: its line and the deeper ones below it.</summary>
    private void SkipBlock(int column, bool isRemarked)
    {
        do
        {
            PythonToken name = _reader.Next;
            PythonToken next = _reader.TokenAfter;
            if (isRemarked && name.Kind == PythonTokenKind.Name && next.Is("="))
            {
                _variables[name.Text] = new PythonUnknown($"{name.Text}, which is set in a block that is not read,", name.Place);
            }

            if (name.IsWord("def") || name.IsWord("class"))
            {
                _variables.Remove(next.Text); // used, it is a name
            }

            SkipLine();
            while (_reader.Next.Kind == PythonTokenKind.LineEnd)
            {
                _reader.At++;
            }
        }
        while (_reader.Next.Kind != PythonTokenKind.End && _reader.Next.Place.Column > column);
    }
}
