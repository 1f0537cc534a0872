using System.Diagnostics;

namespace Tessera.Cli.Diagnostics;

/// <summary>The libraries that the loader has mapped into this process.</summary>
internal static class LoadedFiles
{
    /// <summary>The file of a library by the beginning of its name, so that <c>libstdc++.so.6</c> finds <c>libstdc++.so.6.0.33</c>; null when it is not loaded.</summary>
    public static string? Named(string name)
    {
        using Process process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>()
            .Select(module => module.FileName)
            .FirstOrDefault(file => Path.GetFileName(file).StartsWith(name, StringComparison.Ordinal));
    }
}
