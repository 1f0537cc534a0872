using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Tessera.Core;

namespace Tessera.Programs;

/// <summary>Stores the fields that an instruction enumerates; <see cref="ArtefactCursor"/> reads them back.</summary>
/// <param name="writer">Receives them, little-endian.</param>
internal sealed class StoredFields(BinaryWriter writer) : IInstructionFields
{
    /// <inheritdoc/>
    public int Tensor(string key, int value) => Number(key, value);

    /// <inheritdoc/>
    public int? OptionalTensor(string key, int? value)
    {
        writer.Write(value is { } tensor ? (uint)tensor : ArtefactFormat.NoTensor);
        return value;
    }

    /// <inheritdoc/>
    public ImmutableArray<int> Tensors(string key, ImmutableArray<int> values) => Numbers(key, values);

    /// <inheritdoc/>
    public (ConvAxis Rows, ConvAxis Columns) Window(ConvAxis rows, ConvAxis columns)
    {
        Axis(rows);
        Axis(columns);
        return (rows, columns);
    }

    /// <inheritdoc/>
    public Requantization Requantization(string key, Requantization value) => (Requantization)Number(key, (int)value);

    /// <inheritdoc/>
    public int Number(string key, int value)
    {
        writer.Write(value);
        return value;
    }

    /// <inheritdoc/>
    public float Factor(string key, float value)
    {
        writer.Write(value);
        return value;
    }

    /// <inheritdoc/>
    public ImmutableArray<sbyte> Bytes(string key, ImmutableArray<sbyte> values)
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <inheritdoc/>
    public ImmutableArray<int> Numbers(string key, ImmutableArray<int> values)
    {
        writer.Write(values.Length);
        foreach (int value in values)
        {
            writer.Write(value);
        }

        return values;
    }

    /// <inheritdoc/>
    public ImmutableArray<float> Factors(string key, ImmutableArray<float> values)
    {
        writer.Write(values.Length);
        foreach (float value in values)
        {
            writer.Write(value);
        }

        return values;
    }

    private void Axis(ConvAxis axis)
    {
        writer.Write(axis.Kernel);
        writer.Write(axis.Stride);
        writer.Write(axis.Padding);
        writer.Write(axis.Dilation);
    }
}
