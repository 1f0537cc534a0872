using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Tessera.Programs;

/// <summary>One output of an executed program, with memory of its own.</summary>
public sealed class ProgramOutput
{
    private readonly sbyte[] _values;

    /// <summary>Takes the values over.</summary>
    /// <param name="name">The output's name.</param>
    /// <param name="tensor">Its shape and scale.</param>
    /// <param name="values">Its values, H×W×C; class ids as their bytes.</param>
    public ProgramOutput(string name, IntegerTensor tensor, sbyte[] values)
    {
        Name = name;
        Tensor = tensor;
        _values = values;
    }

    /// <summary>The output's name (for example <c>class_map</c>).</summary>
    public string Name { get; }

    /// <summary>Its shape, H×W×C, and its scale.</summary>
    public IntegerTensor Tensor { get; }

    /// <summary>The int8 logits, H×W×C.</summary>
    /// <exception cref="InvalidOperationException">The output is a class map.</exception>
    public ReadOnlySpan<sbyte> Logits => Tensor.IsClassMap
        ? throw new InvalidOperationException($"Output {Name} is a class map; it has no logits.")
        : _values;

    /// <summary>The class ids, one byte per pixel, H×W.</summary>
    /// <exception cref="InvalidOperationException">The output holds logits.</exception>
    public ReadOnlySpan<byte> ClassMap => Tensor.IsClassMap
        ? MemoryMarshal.AsBytes<sbyte>(_values)
        : throw new InvalidOperationException($"Output {Name} holds logits; it is not a class map.");
}

/// <summary>The outputs of an executed program, in the program's order.</summary>
public sealed class ProgramOutputs
{
    /// <summary>Puts the outputs of one execution together.</summary>
    public ProgramOutputs(ImmutableArray<ProgramOutput> all) => All = all;

    /// <summary>All outputs.</summary>
    public ImmutableArray<ProgramOutput> All { get; }

    /// <summary>The output of that name.</summary>
    /// <exception cref="KeyNotFoundException">The program has no such output.</exception>
    public ProgramOutput this[string name] => All.FirstOrDefault(output => output.Name == name)
        ?? throw new KeyNotFoundException($"There is no output {name}; the program gives {string.Join(", ", All.Select(output => output.Name))}.");
}
