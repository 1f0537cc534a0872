using System.Diagnostics;

namespace Tessera.Runtime.Tests.Processes;

/// <summary>Runs a part of this test assembly in a process of its own: with other settings of .NET, or because it may end in a crash.</summary>
internal static class TestChild
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs one of <see cref="ChildJobs"/>.</summary>
    /// <param name="job">Its name.</param>
    /// <param name="environment">Variables to set.</param>
    public static async Task<ChildOutcome> RunAsync(string job, params (string Name, string Value)[] environment)
    {
        // The muxer that runs this process, unless a test host of its own name does.
        string host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var start = new ProcessStartInfo(host, ["exec", typeof(TestChild).Assembly.Location, job])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A switch that is set for this process must not reach a child that is to go without.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("DOTNET_Enable", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None), error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return new ChildOutcome(-1, await output, $"it did not end within {Limit}\n{await error}");
        }

        return new ChildOutcome(process.ExitCode, await output, await error);
    }
}

/// <summary>How a child ended.</summary>
/// <param name="ExitCode">0 when its job was done.</param>
/// <param name="Output">What it said.</param>
/// <param name="Error">What it complained of: of a crash, where it was.</param>
internal sealed record ChildOutcome(int ExitCode, string Output, string Error)
{
    /// <summary>The value behind a name that the child gave as "name value".</summary>
    public string this[string name] => Output.Split('\n').Single(line => line.StartsWith($"{name} ", StringComparison.Ordinal))[(name.Length + 1)..];

    /// <summary>Fails unless the job was done, with the last thing that the child said it was at.</summary>
    public void AssertDone()
    {
        string at = Output.TrimEnd().Split('\n')[^1];
        Assert.True(ExitCode == 0, $"The child ended with exit code {ExitCode}, at: {at}\n{Error[..Math.Min(Error.Length, 3000)]}");
    }
}
