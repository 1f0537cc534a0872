using Tessera.Cli.Terminal;

namespace Tessera.Cli.Commands;

/// <summary>What every command gets.</summary>
/// <param name="Console">Where it writes.</param>
/// <param name="Cancellation">Asks it to end; it then throws <see cref="OperationCanceledException"/>.</param>
internal sealed record CommandContext(CommandConsole Console, CancellationToken Cancellation);
