using System.Runtime.InteropServices;
using Tessera.Cli;
using Tessera.Cli.Terminal;

CommandConsole console = CommandConsole.OfProcess();
using var stop = new StopSignals(() =>
{
    console.Error.WriteLine($"\n{FaultReport.Stopped}");
    StopSignals.EndProcess(CommandLine.Cancelled);
});
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return CommandLine.Run(args, console, stop.Cancellation, stop.AllowToEnd);

void Stop(PosixSignalContext signal) => signal.Cancel = stop.Take();
