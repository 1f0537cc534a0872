using Tessera.Cli.Diagnostics;

namespace Tessera.Cli.Tests.Diagnostics;

public sealed class ChildProcessTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_signal_is_seen_by_its_name()
    {
        ChildResult result = await ChildProcess.RunAsync("/bin/sh", ["-c", "echo before; kill -SEGV $$"], Long, CancellationToken.None);
        Assert.Equal(("SIGSEGV", "before\n"), (result.Signal, result.Output));
        Assert.Equal("was ended by SIGSEGV", result.Ending);
    }

    [Fact]
    public async Task A_child_that_takes_too_long_is_ended_and_what_it_said_is_kept()
    {
        ChildResult result = await ChildProcess.RunAsync("/bin/sh", ["-c", "echo before; exec sleep 600"], TimeSpan.FromSeconds(3), CancellationToken.None);
        Assert.True(result.TimedOut);
        Assert.Equal("before\n", result.Output);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_child_too()
    {
        using var cancellation = new CancellationTokenSource();
        Task<ChildResult> run = ChildProcess.RunAsync("/bin/sh", ["-c", "exec sleep 600"], Long, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_no_fault_of_the_command()
    {
        ChildResult result = await ChildProcess.RunAsync("/no/such/program", [], Long, CancellationToken.None);
        Assert.Null(result.ExitCode);
        Assert.StartsWith("could not be started: ", result.Ending);
    }
}
