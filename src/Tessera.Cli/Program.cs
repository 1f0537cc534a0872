using System.Runtime.InteropServices;
using Tessera.Cli;
using Tessera.Cli.Terminal;

using var cancellation = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return CommandLine.Run(args, CommandConsole.OfProcess(), cancellation.Token);

void Stop(PosixSignalContext signal)
{
    // The first signal lets the command end in order; the second one ends the process at once.
    signal.Cancel = !cancellation.IsCancellationRequested;
    cancellation.Cancel();
}
