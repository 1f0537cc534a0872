using System.Diagnostics;

namespace Tessera.Data.Tests;

/// <summary>Runs Python with LMDB 0.9 and MessagePack, the libraries that HAT itself uses.</summary>
public static class PythonLmdb
{
    private const string Python = "/usr/bin/python3";

    public static bool Exists { get; } = File.Exists(Python) && Run("-c", "import lmdb, msgpack").ExitCode == 0;

    public static (int ExitCode, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}

/// <summary>A test against Python's LMDB; skipped where python3-lmdb or python3-msgpack is absent.</summary>
public sealed class RequiresPythonLmdbFactAttribute : FactAttribute
{
    public RequiresPythonLmdbFactAttribute()
    {
        if (!PythonLmdb.Exists)
        {
            Skip = "python3-lmdb and python3-msgpack are not on this machine.";
        }
    }
}
