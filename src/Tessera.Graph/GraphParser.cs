using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>Reads the text form that <see cref="GraphText"/> writes.</summary>
public static class GraphParser
{
    /// <summary>Parses and verifies a graph.</summary>
    /// <exception cref="GraphException">The text is not a graph; the message names the line.</exception>
    public static Graph Parse(string text)
    {
        string? name = null;
        ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
        ImmutableArray<GraphOutput>.Builder outputs = ImmutableArray.CreateBuilder<GraphOutput>();
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0)
            {
                continue;
            }

            var reader = new LineReader(line, i + 1);
            if (line.StartsWith("graph ", StringComparison.Ordinal))
            {
                name = line["graph ".Length..];
            }
            else if (line.StartsWith("output ", StringComparison.Ordinal))
            {
                (string outputName, string value) = reader.Split(line["output ".Length..], " = ");
                outputs.Add(new GraphOutput(outputName, reader.ValueName(value)));
            }
            else
            {
                nodes.Add(ParseNode(reader));
            }
        }

        return new Graph(name ?? throw new GraphException("The text has no line 'graph <name>'."), nodes.ToImmutable(), outputs.ToImmutable());
    }

    private static Node ParseNode(LineReader reader)
    {
        (string left, string right) = reader.Split(reader.Line, " = ");
        (string call, string declaration) = reader.Split(right, " : ");
        (string mnemonic, string rest) = reader.Split(call, "(");
        (string inputs, string attributeText) = reader.Split(rest, ")");
        Dictionary<string, string> attributes = reader.Attributes(attributeText);
        (string shapeText, Dictionary<string, string> annotations) = reader.Declaration(declaration);
        if (!OpTable.ByMnemonic.TryGetValue(mnemonic, out Op? specimen))
        {
            throw reader.Fault($"'{mnemonic}' is not an operation");
        }

        Op op = specimen.Through(new AttributeReader(reader, attributes));
        if (attributes.Count > 0)
        {
            throw reader.Fault($"{mnemonic} has no attribute '{attributes.Keys.First()}'");
        }

        if (!TensorShape.TryParse(shapeText, out TensorShape shape))
        {
            throw reader.Fault($"'{shapeText}' is not a shape like 1x3x384x1280");
        }

        var value = new Value(reader.ValueName(left), shape, reader.Scales(annotations, "scale"));
        var node = new Node(op, reader.ValueNames(inputs), value, reader.Scales(annotations, "weight_scale"), reader.Requantization(annotations));
        return annotations.Count == 0 ? node : throw reader.Fault($"there is no annotation '{annotations.Keys.First()}'");
    }

    /// <summary>One line with its number, and the small readers that every part of it needs.</summary>
    private sealed class LineReader(string line, int number)
    {
        public string Line => line;

        public GraphException Fault(string problem) => new($"Line {number} of the graph text: {problem}: {line}");

        public (string Left, string Right) Split(string text, string separator)
        {
            int at = text.IndexOf(separator, StringComparison.Ordinal);
            return at >= 0 ? (text[..at], text[(at + separator.Length)..]) : throw Fault($"'{separator.Trim()}' is missing");
        }

        public string ValueName(string text) =>
            text.StartsWith('%') ? text[1..] : throw Fault($"'{text}' is not a value; values begin with %");

        public ImmutableArray<string> ValueNames(string text) =>
            text.Length == 0 ? [] : [.. text.Split(", ").Select(ValueName)];

        public Dictionary<string, string> Attributes(string text)
        {
            var attributes = new Dictionary<string, string>();
            foreach (string part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                (string key, string value) = Split(part, "=");
                if (!attributes.TryAdd(key, value))
                {
                    throw Fault($"'{key}' occurs twice");
                }
            }

            return attributes;
        }

        public (string Shape, Dictionary<string, string> Annotations) Declaration(string text)
        {
            int space = text.IndexOf(' ');
            return space < 0 ? (text, []) : (text[..space], Attributes(text[space..]));
        }

        public QuantParams? Scales(Dictionary<string, string> annotations, string key)
        {
            if (!annotations.Remove(key, out string? text))
            {
                return null;
            }

            try
            {
                return new QuantParams([.. text.Split(',').Select(Number<float>)]);
            }
            catch (ArgumentException fault)
            {
                throw Fault(fault.Message);
            }
        }

        public Requantization Requantization(Dictionary<string, string> annotations) =>
            !annotations.Remove("requantization", out string? name) ? default
            : RequantizationRules.TryFind(name) ?? throw Fault($"'{name}' is no requantization");

        public T Number<T>(string text)
            where T : IParsable<T> =>
            T.TryParse(text, CultureInfo.InvariantCulture, out T? value) ? value : throw Fault($"'{text}' is not a number");
    }

    /// <summary>Gives an operation the attributes of its line, and takes each out of the list.</summary>
    private sealed class AttributeReader(LineReader line, Dictionary<string, string> attributes) : IOpAttributes
    {
        public T Number<T>(string key, T value)
            where T : struct, INumber<T> =>
            attributes.Remove(key, out string? text) ? line.Number<T>(text) : throw line.Fault($"attribute '{key}' is missing");

        public T? Optional<T>(string key, T? value)
            where T : struct, INumber<T> =>
            attributes.Remove(key, out string? text) ? line.Number<T>(text) : null;

        public (int Rows, int Columns) Pair(string key, (int Rows, int Columns) value, int? usual = null)
        {
            if (!attributes.Remove(key, out string? text))
            {
                return usual is { } both ? (both, both) : throw line.Fault($"attribute '{key}' is missing");
            }

            string[] parts = text.Split('x');
            int rows = line.Number<int>(parts[0]);
            return parts.Length switch
            {
                1 => (rows, rows),
                2 => (rows, line.Number<int>(parts[1])),
                _ => throw line.Fault($"'{text}' is not a number, or one for rows and one for columns like 3x5"),
            };
        }

        public bool Flag(string key, bool value) =>
            attributes.Remove(key, out string? text) && (text == "true" ? true : throw line.Fault($"'{key}' is '{text}'; it is true or absent"));
    }
}
