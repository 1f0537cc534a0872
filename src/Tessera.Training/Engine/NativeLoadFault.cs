using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Tessera.Core;

namespace Tessera.Training;

/// <summary>Turns the loader's words about libtorch into a message that says what to do.</summary>
internal static partial class NativeLoadFault
{
    private const string Library = "libLibTorchSharp.so";

    /// <summary>Loads TorchSharp's native library once more, directly, because TorchSharp's own message leaves out the loader's reason.</summary>
    /// <returns>The reason, or null when the library is not there or loads.</returns>
    public static string? ReasonOfTheLoader()
    {
        string[] places = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native")];
        string? path = places.Select(place => Path.Combine(place, Library)).FirstOrDefault(File.Exists);
        if (path is null)
        {
            return null;
        }

        try
        {
            NativeLibrary.Free(NativeLibrary.Load(path));
            return null;
        }
        catch (Exception fault) when (fault is DllNotFoundException or BadImageFormatException)
        {
            return fault.Message;
        }
    }

    /// <summary>The fault to show for the loader's reason.</summary>
    public static WorkException Explain(string reason, Exception inner)
    {
        Match match = MissingVersion().Match(reason);
        return new WorkException(
            match.Success
                ? $"libtorch cannot be loaded: {match.Groups["file"].Value} is too old, version {match.Groups["version"].Value} is missing{Needed(match)}. "
                  + "Run ./tessera or ./test once, they install a newer libstdc++ where it is needed; or run scripts/setup."
                : $"libtorch cannot be loaded: {FirstLine(reason)} Run scripts/setup, and build again so that TorchSharp-cpu and its libraries lie beside the program.",
            inner);
    }

    private static string Needed(Match match) => match.Groups["by"].Success ? $" (needed by {match.Groups["by"].Value})" : "";

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd('\r', ' ');

    [GeneratedRegex(@"(?<file>/\S+): version [`'](?<version>[^']+)' not found(?: \(required by (?<by>[^)]+)\))?")]
    private static partial Regex MissingVersion();
}
