using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>The values of a graph's parameters by name, float32.</summary>
public sealed class ParameterSet : IEnumerable<KeyValuePair<string, float[]>>
{
    private readonly Dictionary<string, float[]> _values = [];

    /// <summary>Number of tensors.</summary>
    public int Count => _values.Count;

    /// <summary>The values of a parameter in row-major order.</summary>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    public float[] this[string name]
    {
        get => _values.TryGetValue(name, out float[]? values) ? values : throw new KeyNotFoundException($"There is no parameter {name}.");
        set => _values[name] = value;
    }

    /// <summary>Removes a parameter; nothing happens when it is not there.</summary>
    public void Remove(string name) => _values.Remove(name);

    /// <summary>Another set of the same arrays under the same names.</summary>
    public ParameterSet Copy()
    {
        var copy = new ParameterSet();
        foreach ((string name, float[] values) in _values)
        {
            copy[name] = values;
        }

        return copy;
    }

    /// <summary>Finds a parameter's values.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out float[]? values) => _values.TryGetValue(name, out values);

    /// <summary>Looks for a value that no trained network has: NaN, an infinity, a running variance below 0.</summary>
    /// <param name="graph">The graph whose parameters and running statistics are looked at; others in the set are not.</param>
    /// <returns>The first such value in words, such as <c>backbone.mod1.0.1.running_var[3] is NaN</c>; null when there is none.</returns>
    public string? FindImpossible(Graph graph)
    {
        foreach (Parameter parameter in graph.Parameters)
        {
            float[] values = this[parameter.Name];
            float least = parameter.Role == ParameterRole.RunningVariance ? 0 : float.MinValue;
            int place = values.AsSpan().IndexOfAnyExceptInRange(least, float.MaxValue); // NaN compares as less than every number
            if (place >= 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{parameter.Name}[{place}] is {values[place]}");
            }
        }

        return null;
    }

    /// <summary>
    /// Starting values as PyTorch would draw them: convolution weight and bias uniform in ±1/√fan_in or N(0, std²) with bias 0,
    /// batch norm 1, 0, 0, 1. A pure function of the graph and the seed.
    /// </summary>
    public static ParameterSet Initialize(Graph graph, ulong seed)
    {
        var random = new InitialValues(seed);
        var set = new ParameterSet();
        foreach (Node node in graph.Nodes)
        {
            foreach (Parameter parameter in node.Parameters)
            {
                set[parameter.Name] = random.Draw(parameter);
            }
        }

        return set;
    }

    /// <summary>
    /// Starting values, and batch-norm parameters such as training leaves, so that folding has something to fold: for measurements and tests that depend
    /// on the architecture and not on what a network has learned. A pure function of the graph and the seed.
    /// </summary>
    public static ParameterSet InitializeAsTrained(Graph graph, ulong seed)
    {
        ParameterSet set = Initialize(graph, seed);
        var random = new Random((int)seed);
        foreach (Parameter parameter in graph.Parameters)
        {
            float[] values = set[parameter.Name];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = parameter.Role switch
                {
                    ParameterRole.Gamma => 0.5f + random.NextSingle(),
                    ParameterRole.Beta => random.NextSingle() - 0.3f,
                    ParameterRole.RunningMean => (random.NextSingle() - 0.5f) * 0.2f,
                    ParameterRole.RunningVariance => 0.05f + (random.NextSingle() * 0.2f),
                    ParameterRole.Weight or ParameterRole.Bias => values[i],
                    _ => throw new ArgumentOutOfRangeException(nameof(graph), parameter.Role, "Not a role of a parameter."),
                };
            }
        }

        return set;
    }

    /// <summary>Takes exactly the graph's parameters out of a tensor file.</summary>
    /// <param name="graph">The graph whose parameters are wanted.</param>
    /// <param name="file">The file's content.</param>
    /// <param name="path">The file's path, for messages.</param>
    /// <exception cref="BadFileException">A parameter is missing or has another shape: the file belongs to another network or stage. Or it holds a value that no trained network has.</exception>
    public static ParameterSet From(Graph graph, SafetensorsFile file, string path)
    {
        var set = new ParameterSet();
        foreach (Parameter parameter in graph.Parameters)
        {
            if (!file.TryGet(parameter.Name, out SafetensorsTensor? tensor))
            {
                throw new BadFileException($"{path} has no tensor {parameter.Name}: it is a checkpoint of another network or stage than {graph.Name}. Give the checkpoint that this configuration made.");
            }

            if (!tensor.Shape.SequenceEqual(parameter.Shape))
            {
                throw new BadFileException($"{path}: tensor {parameter.Name} has shape [{string.Join(", ", tensor.Shape)}], the network needs [{string.Join(", ", parameter.Shape)}]. Give a checkpoint of the same configuration (backbone.alpha, num_classes).");
            }

            set[parameter.Name] = tensor.ToFloats(path);
        }

        return set.FindImpossible(graph) is not { } found
            ? set
            : throw new BadFileException($"{path}: {found}, which no trained network has: training went wrong before the file was written, or the file is damaged. Take another checkpoint or train again.");
    }

    /// <summary>The parameters of the graph as tensors to store, in node order.</summary>
    public ImmutableArray<SafetensorsTensor> ToTensors(Graph graph) =>
        [.. graph.Parameters.Select(parameter => SafetensorsTensor.FromFloats(parameter.Name, parameter.Shape, this[parameter.Name]))];

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, float[]>> GetEnumerator() => _values.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
