using Tessera.Compiler;
using Tessera.Core;
using Tessera.Recipes;

namespace Tessera.Cli.Configuration;

/// <summary>The march that a user names.</summary>
internal static class MarchName
{
    /// <summary>Finds it, in HAT's spelling too.</summary>
    /// <exception cref="UsageException">No march has this name; the message lists the names and the nearest one.</exception>
    public static March Find(string name)
    {
        if (March.TryFind(name) is { } march)
        {
            return march;
        }

        string nearest = NearestName.Of(name, March.Names) is { } similar ? $" Did you mean {similar}?" : "";
        throw new UsageException($"There is no march \"{name}\".{nearest} Use one of {string.Join(", ", March.Names)}.");
    }
}
