using System.Collections.Immutable;
using System.Globalization;
using Tessera.Recipes;

namespace Tessera.Cli.Configuration;

/// <content>Lists, maps below this one, and the resolved configuration.</content>
public sealed partial class ConfigSection
{
    /// <summary>A list of numbers in [<paramref name="min"/>, <paramref name="max"/>].</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">The list when the key is absent; null when it is required.</param>
    /// <param name="count">The length that the list must have; null for any.</param>
    /// <param name="min">Smallest value.</param>
    /// <param name="max">Largest value.</param>
    public ImmutableArray<double> Numbers(string key, ImmutableArray<double>? fallback, int? count, double min, double max) => List<double>(
        key,
        fallback?.Select(value => value.ToString("R", CultureInfo.InvariantCulture)),
        $"a list of {(count is null ? "" : $"{count} ")}numbers from {Shown(min)} to {Shown(max)}",
        count,
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= min && value <= max ? value : null);

    /// <summary>A list of whole numbers in [<paramref name="min"/>, <paramref name="max"/>].</summary>
    public ImmutableArray<int> Ints(string key, ImmutableArray<int>? fallback, int? count, int min, int max) => List<int>(
        key,
        fallback?.Select(value => value.ToString(CultureInfo.InvariantCulture)),
        $"a list of {(count is null ? "" : $"{count} ")}whole numbers from {min} to {max}",
        count,
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= min && value <= max ? value : null);

    /// <summary>A list of pairs of different words; none when the key is absent.</summary>
    /// <param name="key">The key.</param>
    /// <param name="words">The words.</param>
    public ImmutableArray<(string First, string Second)> Pairs(string key, IReadOnlyList<string> words)
    {
        ConfigNode node = Node(key) ?? new ConfigList([], _map.Source);
        _read[key] = node;
        string expected = $"two different ones of {string.Join(", ", words)}, such as [{words[0]}, {words[1]}]";
        if (node is not ConfigList { Items: var items } || (items.IsEmpty && Node(key) is not null))
        {
            Wrong(key, node, $"a list of pairs, each {expected}");
            return [];
        }

        ImmutableArray<(string First, string Second)>.Builder pairs = ImmutableArray.CreateBuilder<(string, string)>();
        foreach ((int index, ConfigNode item) in items.Index())
        {
            string[] pair = item is ConfigList { Items: var parts } && parts.All(part => part is ConfigScalar) ? [.. parts.Select(part => ((ConfigScalar)part).Text)] : [];
            if (pair.Length == 2 && pair[0] != pair[1] && pair.All(words.Contains))
            {
                pairs.Add((pair[0], pair[1]));
                continue;
            }

            string? nearest = pair.Where(word => !words.Contains(word)).Select(word => NearestName.Of(word, words)).FirstOrDefault();
            Wrong($"{key}.{index}", item, nearest is null ? expected : $"{expected} (did you mean {nearest}?)");
        }

        return [.. pairs.Distinct()];
    }

    /// <summary>The map below a key; an empty one when the key is absent.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">What the value must be, for the message about one that is no map.</param>
    public ConfigSection Section(string key, string expected = "a map of keys")
    {
        ConfigNode? node = Node(key);
        if (node is not (null or ConfigMap or ConfigScalar { IsNull: true }))
        {
            Wrong(key, node, expected);
        }

        ConfigMap map = node as ConfigMap ?? new ConfigMap([], node?.Source ?? _map.Source);

        // What a wrong value lacks is no news: its own report says enough.
        var section = new ConfigSection(map == node || node is null ? _problems : new ConfigProblems(), PathOf(key), map);
        _read[key] = section;
        return section;
    }

    /// <summary>The maps of the list below a key; none when the key is absent.</summary>
    /// <param name="key">The key.</param>
    /// <param name="names">Words that may stand among the maps, and say nothing.</param>
    public ImmutableArray<ConfigSection> Sections(string key, params IReadOnlyList<string> names)
    {
        ConfigNode? node = Node(key);
        if (node is not (null or ConfigList))
        {
            Wrong(key, node, "a list of maps");
        }

        ImmutableArray<ConfigSection>.Builder items = ImmutableArray.CreateBuilder<ConfigSection>();
        foreach ((int index, ConfigNode item) in ((node as ConfigList)?.Items ?? []).Index())
        {
            if (item is ConfigMap map)
            {
                items.Add(new ConfigSection(_problems, $"{PathOf(key)}.{index}", map));
            }
            else if (item is not ConfigScalar name || !names.Contains(name.Text))
            {
                string? nearest = item is ConfigScalar word ? NearestName.Of(word.Text, names) : null;
                Wrong($"{key}.{index}", item, nearest is null ? "a map of keys" : $"a map of keys (did you mean {nearest}?)");
            }
        }

        ImmutableArray<ConfigSection> sections = items.ToImmutable();
        _read[key] = sections;
        return sections;
    }

    IKeyReader IKeyReader.Section(string key) => Section(key);

    /// <inheritdoc/>
    public int ProblemCount => _problems.Count;

    /// <inheritdoc/>
    public void Report(string key, string text) => _problems.Report(SourceOf(key.Split('.')), PathOf(key), $"{PathOf(key)} {text}");

    /// <inheritdoc/>
    public T Typed<T>(RecipeTable<T> table, string? fallback = null)
    {
        string name = Text(ConfigMerge.TypeKey, fallback);
        if ((table.Find(name) ?? table.Find(PlainValue.LastPart(name))) is { } entry)
        {
            _read[ConfigMerge.TypeKey] = new ConfigScalar(entry.Name, Quoted: false, Node(ConfigMerge.TypeKey)?.Source ?? _map.Source);
            return entry.Read(this);
        }

        if (!_missing.Contains(ConfigMerge.TypeKey))
        {
            Report(ConfigMerge.TypeKey, $"is {name}, which is no {table.What}. {Advice(table, name)}");
        }

        // The keys of a type that nobody knows cannot be judged; a record of defaults lets the reading go on.
        _keysAreChecked = false;
        return table.Recipes[0].Read(new ConfigSection(new ConfigProblems(), Path, new ConfigMap([], _map.Source)));
    }

    /// <summary>What somebody may have meant who wrote an unknown name.</summary>
    private static string Advice<T>(RecipeTable<T> table, string name)
    {
        string all = string.Join(", ", table.Recipes.Select(recipe => recipe.Name));
        return NearestName.Of(name, table.Names) is { } nearest ? $"Did you mean {nearest}? Known: {all}." : $"Known: {all}.";
    }

    /// <summary>The place of the deepest value on a path that was written.</summary>
    private ConfigSource SourceOf(ReadOnlySpan<string> path)
    {
        ConfigNode node = _map;
        foreach (string part in path)
        {
            if ((node as ConfigMap)?[part] is not { } next)
            {
                break;
            }

            node = next;
        }

        return node.Source;
    }

    private ConfigMap Resolved() => new(
        [.. _read.Where(pair => !IsOmitted(pair.Value)).Select(pair => new ConfigEntry(pair.Key, ResolvedValue(pair.Value), _map.Source)).Where(entry => entry.Value is not ConfigScalar { IsNull: true })],
        _map.Source);

    private static bool IsOmitted(object value) =>
        value is ConfigSection { _isOmitted: true } || (value is ImmutableArray<ConfigSection> { IsEmpty: false } sections && sections.All(section => section._isOmitted));

    private ConfigNode ResolvedValue(object value) => value switch
    {
        ConfigNode node => node,
        ConfigSection section => section.Resolved(),
        _ => new ConfigList([.. ((ImmutableArray<ConfigSection>)value).Where(section => !section._isOmitted).Select(section => (ConfigNode)section.Resolved())], _map.Source),
    };

    private ImmutableArray<T> List<T>(string key, IEnumerable<string>? fallback, string expected, int? count, Func<string, T?> parse)
        where T : struct
    {
        ConfigNode node = Node(key) ?? (fallback is null
            ? Default(key, null, expected)
            : new ConfigList([.. fallback.Select(text => new ConfigScalar(text, Quoted: false, _map.Source))], _map.Source));
        _read[key] = node;
        if (node is ConfigList list && list.Items.All(item => item is ConfigScalar) && (count is null || list.Items.Length == count))
        {
            T?[] values = [.. list.Items.Select(item => parse(((ConfigScalar)item).Text))];
            if (values.All(value => value is not null))
            {
                return [.. values.Select(value => value!.Value)];
            }
        }

        Wrong(key, node, expected);
        return [.. Enumerable.Repeat(default(T), count ?? 0)];
    }
}
