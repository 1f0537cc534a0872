using System.Numerics;

namespace Tessera.Graphs;

/// <summary>
/// What an operation enumerates its attributes to. A writer takes each value and gives it back; a reader ignores it and gives the one that it has
/// read. So an operation names its attributes once, and text, parser and fingerprint agree by construction.
/// </summary>
public interface IOpAttributes
{
    /// <summary>A number that is always written.</summary>
    T Number<T>(string key, T value)
        where T : struct, INumber<T>;

    /// <summary>A number that is absent where it is null.</summary>
    T? Optional<T>(string key, T? value)
        where T : struct, INumber<T>;

    /// <summary>A number for rows and one for columns, written once where they are equal; absent where both are <paramref name="usual"/>.</summary>
    (int Rows, int Columns) Pair(string key, (int Rows, int Columns) value, int? usual = null);

    /// <summary>A flag that is absent where it is false.</summary>
    bool Flag(string key, bool value);
}
