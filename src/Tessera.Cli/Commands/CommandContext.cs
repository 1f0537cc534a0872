using Tessera.Cli.Terminal;

namespace Tessera.Cli.Commands;

/// <summary>What every command gets.</summary>
/// <param name="Console">Where it writes.</param>
/// <param name="Cancellation">Asks it to end; it then throws <see cref="OperationCanceledException"/>.</param>
internal sealed record CommandContext(CommandConsole Console, CancellationToken Cancellation)
{
    /// <summary>Says how long the command may take to end when it is asked to, before the process is ended.</summary>
    public Action<TimeSpan> AllowToEnd { get; init; } = static _ => { };
}
