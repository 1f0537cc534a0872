using Tessera.Core;

namespace Tessera.Cli.HatConfigs;

/// <summary>The bounds of what is read from a Python file, and what is said about the file.</summary>
/// <param name="file">The file, for messages.</param>
internal sealed class PythonFaults(string file)
{
    /// <summary>How many brackets and operators may lie in one another.</summary>
    public const int MaxDepth = 64;

    /// <summary>How many values and characters of text may be made while the file is read.</summary>
    private const int MaxWork = 1_000_000;

    private int _work;

    /// <summary>What is not taken over, each with its place.</summary>
    public List<string> Remarks { get; } = [];

    /// <summary>The text of a place: <c>file:line:column</c>.</summary>
    public string Place(PythonPlace place) => $"{file}:{place.Line}:{place.Column}";

    /// <summary>A fault that ends the reading.</summary>
    public UsageException At(PythonPlace place, string message) => new($"{Place(place)}: {message}");

    /// <summary>Says what is not taken over.</summary>
    public void Remark(PythonPlace place, string message) => Remarks.Add($"{Place(place)}: {message}");

    /// <summary>Counts values or characters that are made.</summary>
    /// <exception cref="UsageException">There are more than any configuration has.</exception>
    public void Spend(long count, PythonPlace place)
    {
        if (count > MaxWork || (_work += (int)count) > MaxWork)
        {
            throw At(place, $"more than {MaxWork} values and letters come of this; no configuration needs so many.");
        }
    }
}
