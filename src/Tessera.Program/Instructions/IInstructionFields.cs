using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Programs;

/// <summary>
/// What an instruction enumerates its fields to, in the order in which they are stored. A writer takes each value and gives it back; a reader ignores it
/// and gives what it has read. So the artefact's writer and reader, the fingerprint and the text agree by construction.
/// </summary>
public interface IInstructionFields
{
    /// <summary>Index of a tensor that is read.</summary>
    int Tensor(string key, int value);

    /// <summary>Index of a tensor that may be absent.</summary>
    int? OptionalTensor(string key, int? value);

    /// <summary>Indices of several tensors that are read.</summary>
    ImmutableArray<int> Tensors(string key, ImmutableArray<int> values);

    /// <summary>A window along both axes.</summary>
    (ConvAxis Rows, ConvAxis Columns) Window(ConvAxis rows, ConvAxis columns);

    /// <summary>A number.</summary>
    int Number(string key, int value);

    /// <summary>How sums become int8.</summary>
    Requantization Requantization(string key, Requantization value);

    /// <summary>A number, float32.</summary>
    float Factor(string key, float value);

    /// <summary>Many int8 values.</summary>
    ImmutableArray<sbyte> Bytes(string key, ImmutableArray<sbyte> values);

    /// <summary>Many int32 values.</summary>
    ImmutableArray<int> Numbers(string key, ImmutableArray<int> values);

    /// <summary>Many float32 values.</summary>
    ImmutableArray<float> Factors(string key, ImmutableArray<float> values);
}
