using Tessera.Cli.Terminal;

namespace Tessera.Cli.Tests.Terminal;

/// <summary>Ctrl-C and SIGTERM.</summary>
public sealed class StopSignalsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public void The_first_signal_asks_and_the_second_ends()
    {
        int ended = 0;
        using var signals = new StopSignals(() => ended++, Long);
        Assert.False(signals.Cancellation.IsCancellationRequested);
        Assert.True(signals.Take());
        Assert.True(signals.Cancellation.IsCancellationRequested);
        Assert.False(signals.Take());
        Assert.Equal(0, ended);
    }

    [Fact]
    public void A_command_that_does_not_listen_is_ended_after_a_moment()
    {
        using var ended = new ManualResetEventSlim();
        using var signals = new StopSignals(ended.Set, TimeSpan.Zero);
        Assert.True(signals.Take());
        Assert.True(ended.Wait(Long));
    }

    [Fact]
    public void A_command_may_say_how_long_it_takes_to_end()
    {
        using var ended = new ManualResetEventSlim();
        using var signals = new StopSignals(ended.Set, TimeSpan.FromMilliseconds(1));
        signals.AllowToEnd(Long);
        Assert.True(signals.Take());
        Assert.False(ended.Wait(TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public void A_command_that_has_ended_is_not_ended_again()
    {
        int ended = 0;
        var signals = new StopSignals(() => ended++, TimeSpan.FromMilliseconds(1));
        signals.Dispose();
        Assert.False(signals.Take());
        Assert.Equal(0, ended);
    }
}
