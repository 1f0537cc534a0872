using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Tessera.Core;

namespace Tessera.Training;

/// <summary>Turns the loader's words about libtorch into a message that says what to do.</summary>
internal static partial class NativeLoadFault
{
    // In the order in which TorchSharp loads them.
    private static readonly string[] Libraries = ["libtorch_cpu.so", "libLibTorchSharp.so"];

    /// <summary>
    /// Loads the native libraries beside the program. TorchSharp must not be asked first: where they do not load it prints pages, leaves out the loader's reason, and
    /// copies all of libtorch into a new folder.
    /// </summary>
    /// <returns>The loader's reason, or null when the libraries load or do not lie beside the program.</returns>
    public static string? FindReason()
    {
        string[] places = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native")];
        if (places.FirstOrDefault(place => Libraries.All(library => File.Exists(Path.Combine(place, library)))) is not { } folder)
        {
            return null;
        }

        try
        {
            foreach (string library in Libraries)
            {
                NativeLibrary.Load(Path.Combine(folder, library));
            }

            return null;
        }
        catch (Exception fault) when (fault is DllNotFoundException or BadImageFormatException)
        {
            return fault.Message;
        }
    }

    /// <summary>The fault to show for the loader's reason.</summary>
    public static WorkException Explain(string reason, Exception? inner = null)
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
