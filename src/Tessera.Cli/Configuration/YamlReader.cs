using System.Collections.Immutable;
using Tessera.Core;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tessera.Cli.Configuration;

/// <summary>
/// Reads one YAML document event by event, so that depth and size are bounded while it is read: YamlDotNet's own trees recurse without a bound.
/// No object is ever created by name.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>How many maps and lists may lie in one another.</summary>
    public const int MaxDepth = 32;

    /// <summary>How many keys and values a document may have, each alias counted as what it stands for.</summary>
    public const int MaxNodes = 10_000;

    private readonly string _text;
    private readonly Func<long, ConfigSource> _sourceOf;
    private readonly Parser _events;
    private readonly Dictionary<AnchorName, (ConfigNode Node, int Count)> _anchors = [];
    private readonly HashSet<AnchorName> _open = [];
    private int _nodes;

    private YamlReader(string text, Func<long, ConfigSource> sourceOf)
    {
        _text = text;
        _sourceOf = sourceOf;
        _events = new Parser(new StringReader(text));
    }

    /// <summary>Reads one YAML document.</summary>
    /// <param name="text">The text; an empty one gives an empty map.</param>
    /// <param name="sourceOf">Makes the place of a 1-based line.</param>
    /// <exception cref="UsageException">The text is not valid YAML, repeats a key, holds more than one document, or exceeds a bound.</exception>
    public static ConfigNode Read(string text, Func<long, ConfigSource> sourceOf)
    {
        int wrong = ConfigText.IndexOfUnprintable(text);
        return wrong < 0 ? new YamlReader(text, sourceOf).Document()
            : throw new UsageException($"{sourceOf(ConfigText.LineOf(text, wrong))}: the character U+{(int)text[wrong]:X4} stands there, which no configuration holds. Remove it.");
    }

    private ConfigNode Document()
    {
        Next(); // stream start
        if (Next() is not DocumentStart)
        {
            return new ConfigMap([], _sourceOf(1));
        }

        ConfigNode root = Node(Next(), 1);
        Next(); // document end
        ParsingEvent after = Next();
        return after is StreamEnd ? root : throw Fault(after, "a second YAML document begins here; a configuration is one document.");
    }

    private ConfigNode Node(ParsingEvent begin, int depth)
    {
        if (begin is AnchorAlias alias)
        {
            return Aliased(alias);
        }

        var node = (NodeEvent)begin;
        if (!node.Tag.IsEmpty)
        {
            throw Fault(begin, $"the tag {node.Tag} is not understood. Remove it: what kind of value a key takes is known.");
        }

        if (begin is not Scalar && depth > MaxDepth)
        {
            throw Fault(begin, $"more than {MaxDepth} maps and lists lie in one another here; a configuration needs no more than six.");
        }

        int before = _nodes;
        Count(begin, 1);
        if (node.Anchor.IsEmpty)
        {
            return Content(begin, depth);
        }

        _open.Add(node.Anchor);
        ConfigNode content = Content(begin, depth);
        _open.Remove(node.Anchor);
        _anchors[node.Anchor] = (content, _nodes - before);
        return content;
    }

    private ConfigNode Content(ParsingEvent begin, int depth) => begin switch
    {
        Scalar scalar => new ConfigScalar(scalar.Value, scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any), SourceOf(begin)),
        SequenceStart => List(begin, depth),
        MappingStart => Map(begin, depth),
        _ => throw Fault(begin, "a value is expected here."),
    };

    private ConfigList List(ParsingEvent begin, int depth)
    {
        ImmutableArray<ConfigNode>.Builder items = ImmutableArray.CreateBuilder<ConfigNode>();
        for (ParsingEvent item = Next(); item is not SequenceEnd; item = Next())
        {
            items.Add(Node(item, depth + 1));
        }

        return new ConfigList(items.ToImmutable(), SourceOf(begin));
    }

    private ConfigMap Map(ParsingEvent begin, int depth)
    {
        var entries = new OrderedDictionary<string, ConfigEntry>();
        for (ParsingEvent key = Next(); key is not MappingEnd; key = Next())
        {
            if (Node(key, depth + 1) is not ConfigScalar { Text: { Length: > 0 } name })
            {
                throw Fault(key, "a key must be a plain word; this one is a list, a map or empty.");
            }

            if (!entries.TryAdd(name, new ConfigEntry(name, Node(Next(), depth + 1), SourceOf(key))))
            {
                throw Fault(key, $"this is not valid YAML: the key {Excerpt.Of(name)} stands here twice, first in line {entries[name].Source.Line}. Remove one of them.");
            }
        }

        return new ConfigMap([.. entries.Values], SourceOf(begin));
    }

    private ConfigNode Aliased(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value, out (ConfigNode Node, int Count) anchored))
        {
            throw Fault(alias, _open.Contains(alias.Value)
                ? $"*{alias.Value} stands inside of &{alias.Value}, which would then have no end. Write the value out."
                : $"*{alias.Value} names no anchor: no &{alias.Value} stands before it.");
        }

        Count(alias, anchored.Count);
        return anchored.Node;
    }

    private void Count(ParsingEvent at, int nodes)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes)
        {
            throw Fault(at, $"the file has more than {MaxNodes} keys and values, aliases written out, and so is no configuration.");
        }
    }

    private ParsingEvent Next()
    {
        long line = _events.Current?.End.Line ?? 1;
        try
        {
            _events.MoveNext();
            return _events.Current!;
        }
        catch (YamlException fault)
        {
            throw Invalid(fault.Start.Line, fault);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // The scanner of YamlDotNet 18 answers some broken texts with exceptions of every kind; nothing but the text can have caused them.
            throw Invalid(line, fault);
        }
    }

    private UsageException Invalid(long line, Exception fault)
    {
        (long at, string why) = YamlMistake.Find(_text, line) ?? (line, Excerpt.Of(fault.InnerException?.Message ?? fault.Message));
        return new UsageException($"{_sourceOf(at)}: this is not valid YAML: {why}", fault);
    }

    private UsageException Fault(ParsingEvent at, string message) => new($"{SourceOf(at)}: {message}");

    private ConfigSource SourceOf(ParsingEvent at) => _sourceOf(at.Start.Line);
}
