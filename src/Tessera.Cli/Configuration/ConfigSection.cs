using System.Globalization;
using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Cli.Configuration;

/// <summary>
/// A map of the configuration while it is being read into a typed record. Each key that is read is known, all others are errors;
/// each value is checked where it is read; what was read, defaults included, is the resolved configuration.
/// </summary>
public sealed partial class ConfigSection : IKeyReader
{
    private readonly ConfigProblems _problems;
    private readonly ConfigMap _map;
    private readonly OrderedDictionary<string, object> _read = []; // ConfigNode, ConfigSection, or a list of sections
    private readonly HashSet<string> _missing = [];
    private readonly HashSet<string> _idle = [];
    private bool _keysAreChecked = true;
    private bool _isOmitted;

    private ConfigSection(ConfigProblems problems, string path, ConfigMap map)
    {
        _problems = problems;
        Path = path;
        _map = map;
        problems.Track(this);
    }

    /// <summary>The dotted path of this map; empty for the whole configuration.</summary>
    public string Path { get; }

    /// <summary>The keys that were asked for and can change something.</summary>
    internal IEnumerable<string> KnownKeys => _read.Keys.Except(_idle);

    /// <summary>The keys of HAT's that were asked for and change nothing.</summary>
    internal IEnumerable<string> IdleKeys => _idle;

    /// <summary>The entries that nobody asked for.</summary>
    internal IEnumerable<ConfigEntry> UnreadEntries => _keysAreChecked ? _map.Entries.Where(entry => !_read.ContainsKey(entry.Key)) : [];

    /// <summary>Reads a whole configuration.</summary>
    /// <param name="map">The merged configuration.</param>
    /// <param name="read">Makes the typed record.</param>
    /// <returns>The record, and the configuration with every default written out.</returns>
    /// <exception cref="UsageException">A key is unknown or missing, or a value is of the wrong kind or out of range; every problem has its line.</exception>
    public static (T Value, ConfigMap Resolved) Read<T>(ConfigMap map, Func<ConfigSection, T> read)
    {
        (T value, ConfigMap resolved, IReadOnlyList<ConfigProblem> problems) = Judge(map, read);
        return problems.Count == 0 ? (value, resolved) : throw ConfigProblems.Fault(problems);
    }

    /// <summary>Reads a whole configuration, and says what is wrong with it.</summary>
    internal static (T Value, ConfigMap Resolved, IReadOnlyList<ConfigProblem> Problems) Judge<T>(ConfigMap map, Func<ConfigSection, T> read)
    {
        var problems = new ConfigProblems();
        var section = new ConfigSection(problems, "", map);
        T value = read(section);
        IReadOnlyList<ConfigProblem> found = problems.Conclude();
        return (value, found.Count == 0 ? section.Resolved() : map, found);
    }

    /// <summary>The dotted path of a key.</summary>
    public string PathOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    /// <summary>Whether a key is given whose absence is no value; from now on it is known.</summary>
    public bool Has(string key)
    {
        _read.TryAdd(key, Node(key) ?? new ConfigScalar("", Quoted: false, _map.Source));
        return Node(key) is not null;
    }

    /// <inheritdoc/>
    public IEnumerable<string> GivenKeys => _map.Entries.Select(entry => entry.Key);

    /// <inheritdoc/>
    public bool IsList(string key) => Node(key) is ConfigList;

    /// <inheritdoc/>
    public void Settled(string key, string always, params ReadOnlySpan<string> values)
    {
        Idle(key);
        if (Node(key) is { } node && !values.Contains(PlainValue.Of(node)))
        {
            _problems.Report(node.Source, PathOf(key), $"{PathOf(key)} is {(node is ConfigMap ? Excerpt.Of(PlainValue.Of(node)) : Described(node))}; it can only be {values[0]}. {always}");
        }
    }

    /// <inheritdoc/>
    public void Idle(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            _idle.Add(key);
            _read[key] = new ConfigScalar("", Quoted: false, _map.Source);
        }
    }

    /// <summary>Leaves this map out of the resolved configuration, because it changes nothing.</summary>
    internal void Omit() => _isOmitted = true;

    /// <summary>A number in [<paramref name="min"/>, <paramref name="max"/>]; required when there is no fallback.</summary>
    public double Number(string key, double? fallback, double min, double max) => Number(
        key, fallback, min == max ? Shown(min) : $"a number from {Shown(min)} to {Shown(max)}", value => value >= min && value <= max, max);

    /// <summary>A number greater than 0, at most <paramref name="max"/>; required when there is no fallback.</summary>
    public double Positive(string key, double? fallback, double max) => Number(
        key, fallback, $"a number greater than 0 and at most {Shown(max)}", value => value > 0 && value <= max, max);

    /// <summary>A whole number in [<paramref name="min"/>, <paramref name="max"/>]; required when there is no fallback.</summary>
    public long Integer(string key, long? fallback, long min, long max) => Scalar(
        key,
        fallback?.ToString(CultureInfo.InvariantCulture),
        max == long.MaxValue ? $"a whole number of at least {min}" : $"a whole number from {min} to {max}",
        text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max ? value : null,
        min);

    /// <summary>A whole number that fits an int.</summary>
    public int Int(string key, int? fallback, int min, int max = int.MaxValue) => (int)Integer(key, fallback, min, max);

    /// <summary>true or false, in every spelling of YAML 1.1 (<c>True</c>, <c>yes</c>, <c>OFF</c>); the resolved configuration says true or false.</summary>
    public bool Flag(string key, bool fallback)
    {
        bool flag = Scalar(key, fallback ? "true" : "false", "true or false", PlainValue.Truth, fallback);
        if (_read[key] is ConfigScalar { IsNull: false } scalar)
        {
            _read[key] = scalar with { Text = flag ? "true" : "false", Quoted = false };
        }

        return flag;
    }

    /// <summary>One of some words; required when there is no fallback.</summary>
    public T Choice<T>(string key, T? fallback, params ReadOnlySpan<(string Name, T Value)> choices)
        where T : struct
    {
        (string Name, T Value)[] table = [.. choices];
        string? name = fallback is { } value ? table.First(choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Name : null;
        return Scalar(
            key,
            name,
            string.Join(" or ", table.Select(choice => choice.Name)),
            text => table.Where(choice => choice.Name == text).Select(choice => (T?)choice.Value).FirstOrDefault(),
            table[0].Value);
    }

    /// <summary>A text that is not empty; required when there is no fallback.</summary>
    public string Text(string key, string? fallback = null)
    {
        ConfigNode node = Node(key) ?? Default(key, fallback, "a text");
        _read[key] = node;
        if (node is not ConfigScalar { IsNull: false, Text.Length: > 0 } scalar)
        {
            Wrong(key, node, "a text");
            return "";
        }

        if (scalar.Text.Any(char.IsControl))
        {
            Wrong(key, node, "a text without line breaks and other control characters");
        }

        return scalar.Text;
    }

    /// <summary>A text, or null when the key is absent or empty.</summary>
    public string? OptionalText(string key)
    {
        if (Node(key) is { } node and not ConfigScalar { IsNull: true })
        {
            return Text(key);
        }

        _read[key] = new ConfigScalar("", Quoted: false, _map.Source);
        return null;
    }

    private static string Shown(double bound) => bound.ToString("R", CultureInfo.InvariantCulture).Replace("E-", "e-", StringComparison.Ordinal);

    private double Number(string key, double? fallback, string expected, Func<double, bool> isInRange, double substitute) => Scalar(
        key,
        fallback?.ToString("R", CultureInfo.InvariantCulture),
        expected,
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && isInRange(value) ? value : null,
        substitute);

    private T Scalar<T>(string key, string? fallback, string expected, Func<string, T?> parse, T substitute)
        where T : struct
    {
        ConfigNode node = Node(key) ?? Default(key, fallback, expected);
        _read[key] = node;
        if (node is ConfigScalar { IsNull: false } scalar && parse(scalar.Text) is { } value)
        {
            return value;
        }

        Wrong(key, node, expected);
        return substitute;
    }

    private ConfigNode? Node(string key) => _map[key];

    private ConfigScalar Default(string key, string? fallback, string expected)
    {
        if (fallback is null)
        {
            _missing.Add(key);
            _problems.Report(_map.Source, PathOf(key), $"key {PathOf(key)} is missing; it must be {expected}.");
        }

        return new ConfigScalar(fallback ?? "", Quoted: false, _map.Source);
    }

    private void Wrong(string key, ConfigNode node, string expected)
    {
        if (!_missing.Contains(key))
        {
            _problems.Report(node.Source, PathOf(key), $"{PathOf(key)} is {Described(node)}; it must be {expected}.");
        }
    }

    private static string Described(ConfigNode node) => node switch
    {
        ConfigScalar { IsNull: true } => "empty",
        ConfigScalar scalar => Excerpt.Of(scalar.Text),
        ConfigList list => list.Items.All(item => item is ConfigScalar) ? Excerpt.Of($"[{string.Join(", ", list.Items.Select(Described))}]") : "a list",
        _ => "a map of keys",
    };
}
