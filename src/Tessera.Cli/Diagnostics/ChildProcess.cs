using System.ComponentModel;
using System.Diagnostics;

namespace Tessera.Cli.Diagnostics;

/// <summary>How a child process ended.</summary>
/// <param name="ExitCode">Its exit code; 128 and the signal's number when a signal ended it; null when it did not start or was ended for taking too long.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error, or why it did not start.</param>
/// <param name="TimedOut">True when it was ended for taking too long.</param>
internal sealed record ChildResult(int? ExitCode, string Output, string Error, bool TimedOut = false)
{
    // The signals by which a library ends its process, by Linux' numbers; macOS has another one for SIGBUS alone.
    private static readonly Dictionary<int, string> Signals = new() { [4] = "SIGILL", [6] = "SIGABRT", [7] = "SIGBUS", [8] = "SIGFPE", [9] = "SIGKILL", [11] = "SIGSEGV" };

    /// <summary>The signal that ended it; null when it ended by itself.</summary>
    public string? Signal => ExitCode is > 128 and < 192 ? Signals.GetValueOrDefault(ExitCode.Value - 128, $"signal {ExitCode - 128}") : null;

    /// <summary>How it ended, in words, when that was not in order.</summary>
    public string Ending =>
        TimedOut ? "did not end in time"
        : ExitCode is null ? $"could not be started: {LastLine(Error)}"
        : Signal is not null ? $"was ended by {Signal}"
        : $"ended with exit code {ExitCode}" + (LastLine(Error) is { Length: > 0 } line ? $": {line}" : "");

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1].Trim();
}

/// <summary>Runs other programs, and this one again, where a crash must not end the command.</summary>
internal static class ChildProcess
{
    private const string App = "tessera";

    /// <summary>Runs this program once more.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public static Task<ChildResult> RunSelfAsync(IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellation)
    {
        string? host = Environment.ProcessPath;
        string assembly = Path.Combine(AppContext.BaseDirectory, App + ".dll");
        return Path.GetFileNameWithoutExtension(host) switch
        {
            App => RunAsync(host!, arguments, limit, cancellation),
            "dotnet" => RunAsync(host!, [assembly, .. arguments], limit, cancellation),
            _ => RunAsync("dotnet", [assembly, .. arguments], limit, cancellation), // under another host, such as a test runner's
        };
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="file">Its path, or a name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="limit">After this time it is ended.</param>
    /// <param name="cancellation">Ends it at once.</param>
    public static async Task<ChildResult> RunAsync(string file, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception fault)
        {
            return new ChildResult(null, "", fault.Message);
        }

        process.StandardInput.Close();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ending.CancelAfter(limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(ending.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return new ChildResult(null, await output, await error, TimedOut: true);
        }

        return new ChildResult(process.ExitCode, await output, await error);
    }
}
