using System.Globalization;
using System.Numerics;
using System.Text;

namespace Tessera.Graphs;

/// <summary>Writes the attributes that an operation enumerates as <c> key=value</c>.</summary>
/// <param name="text">Receives them.</param>
internal sealed class AttributeText(StringBuilder text) : IOpAttributes
{
    /// <inheritdoc/>
    public T Number<T>(string key, T value)
        where T : struct, INumber<T>
    {
        Append(key, Text(value));
        return value;
    }

    /// <inheritdoc/>
    public T? Optional<T>(string key, T? value)
        where T : struct, INumber<T>
    {
        if (value is { } present)
        {
            Append(key, Text(present));
        }

        return value;
    }

    /// <inheritdoc/>
    public (int Rows, int Columns) Pair(string key, (int Rows, int Columns) value, int? usual = null)
    {
        if (value != (usual, usual))
        {
            Append(key, value.Rows == value.Columns ? Text(value.Rows) : $"{Text(value.Rows)}x{Text(value.Columns)}");
        }

        return value;
    }

    /// <inheritdoc/>
    public bool Flag(string key, bool value)
    {
        if (value)
        {
            Append(key, "true");
        }

        return value;
    }

    private void Append(string key, string value) => text.Append(' ').Append(key).Append('=').Append(value);

    // The default of a float is the shortest text that parses back to the same number.
    private static string Text<T>(T value)
        where T : INumber<T> => value.ToString(null, CultureInfo.InvariantCulture);
}
