using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tessera.Core;

namespace Tessera.Programs;

/// <summary>Writes the fields that an instruction enumerates for people: <c> key=value</c>, of arrays their length, no factor that is 0. Tensors are written elsewhere.</summary>
internal sealed class FieldText : IInstructionFields
{
    private readonly StringBuilder _text = new();

    /// <inheritdoc/>
    public int Tensor(string key, int value) => value;

    /// <inheritdoc/>
    public int? OptionalTensor(string key, int? value) => value;

    /// <inheritdoc/>
    public ImmutableArray<int> Tensors(string key, ImmutableArray<int> values) => values;

    /// <inheritdoc/>
    public (ConvAxis Rows, ConvAxis Columns) Window(ConvAxis rows, ConvAxis columns)
    {
        Pair("kernel", rows.Kernel, columns.Kernel);
        Pair("stride", rows.Stride, columns.Stride);
        Pair("padding", rows.Padding, columns.Padding);
        if (rows.Dilation != 1 || columns.Dilation != 1)
        {
            Pair("dilation", rows.Dilation, columns.Dilation);
        }

        return (rows, columns);
    }

    /// <inheritdoc/>
    public int Number(string key, int value) => Append(key, value, value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public Requantization Requantization(string key, Requantization value) => value == Core.Requantization.Float32 ? value : Append(key, value, value.Name);

    /// <inheritdoc/>
    public float Factor(string key, float value) => value == 0 ? value : Append(key, value, value.ToString("R", CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public ImmutableArray<sbyte> Bytes(string key, ImmutableArray<sbyte> values) => Append(key, values, values.Length.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public ImmutableArray<int> Numbers(string key, ImmutableArray<int> values) => Append(key, values, values.Length.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public ImmutableArray<float> Factors(string key, ImmutableArray<float> values) => Append(key, values, values.Length.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private void Pair(string key, int rows, int columns) => Append(key, rows, rows == columns ? $"{rows}" : $"{rows}x{columns}");

    private T Append<T>(string key, T value, string text)
    {
        _text.Append(' ').Append(key).Append('=').Append(text);
        return value;
    }
}
