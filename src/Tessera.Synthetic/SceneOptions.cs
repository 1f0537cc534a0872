using Tessera.Core;

namespace Tessera.Synthetic;

/// <summary>Which synthetic street to draw; the same options give the same pixels on every machine.</summary>
public sealed record SceneOptions
{
    /// <summary>The smallest height and width in pixels.</summary>
    public const int MinSize = 64;

    /// <summary>The largest height and width in pixels.</summary>
    public const int MaxSize = 4096;

    /// <summary>Seed of the whole data set.</summary>
    public ulong Seed { get; init; }

    /// <summary>train or val; the splits share neither cities nor streams of random numbers.</summary>
    public string Split { get; init; } = "train";

    /// <summary>Number of the scene in its split, from 0.</summary>
    public int Index { get; init; }

    /// <summary>Rows, 64 to 4096.</summary>
    public int Height { get; init; } = 256;

    /// <summary>Columns, 64 to 4096.</summary>
    public int Width { get; init; } = 512;

    /// <summary>Checks every option.</summary>
    /// <exception cref="UsageException">One is out of its range; the message names it.</exception>
    public void Validate()
    {
        CheckSize("height", Height);
        CheckSize("width", Width);
        SyntheticCities.Of(Split);
        if (Index < 0)
        {
            throw new UsageException($"The index of a synthetic scene is {Index}; it must be at least 0.");
        }
    }

    internal static void CheckSize(string name, int size)
    {
        if (size is < MinSize or > MaxSize)
        {
            throw new UsageException($"The {name} of synthetic streets is {size}; it must lie between {MinSize} and {MaxSize}.");
        }
    }
}
