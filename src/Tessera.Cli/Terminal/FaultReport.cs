using Tessera.Core;

namespace Tessera.Cli.Terminal;

/// <summary>Turns every fault into one message and an exit code.</summary>
internal static class FaultReport
{
    /// <summary>Set to 1, it adds the stack trace to the message of an unexpected fault.</summary>
    public const string DebugVariable = "TESSERA_DEBUG";

    /// <summary>Says what went wrong.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(CommandConsole console, Exception fault)
    {
        Exception cause = CauseOf(fault);
        switch (cause)
        {
            case OperationCanceledException:
                console.Error.WriteLine(Stopped);
                return CommandLine.Cancelled;
            case TesseraException known:
                console.WriteFault(known.Message);
                return (int)ExitCodes.Of(known);
            case IOException or UnauthorizedAccessException:
                console.WriteFault($"A file or folder could not be used: {cause.Message} Check that it exists, that its permissions allow it, and that the disk has space.");
                return (int)ExitCode.BadFile;
            case OutOfMemoryException:
                console.WriteFault("There is not enough memory for this. Use a smaller batch (data_loader.batch_size), fewer workers (num_workers) or a smaller input_size, or end other programs; `tessera doctor` shows what there is.");
                return (int)ExitCode.Failed;
            case DllNotFoundException or BadImageFormatException:
                console.WriteFault($"A native library could not be loaded: {cause.Message.Split('\n')[0]} `tessera doctor` shows which one, and what mends it.");
                return (int)ExitCode.Failed;
            default:
                console.WriteFault($"{cause.GetType().Name}: {cause.Message}");
                bool debug = Environment.GetEnvironmentVariable(DebugVariable) == "1";
                console.Error.WriteLine(debug ? fault.ToString() : $"This is a bug in Tessera. Please report it with the output of the same command under {DebugVariable}=1.");
                return (int)ExitCode.Failed;
        }
    }

    /// <summary>What a command says that a signal ended.</summary>
    public const string Stopped = "Stopped. What was written before is whole and can be used.";

    /// <summary>What lies below the wrappings of parallel loops and static constructors; of several faults the one that says most.</summary>
    private static Exception CauseOf(Exception fault) => fault switch
    {
        AggregateException { InnerExceptions.Count: > 0 } several => several.Flatten().InnerExceptions.Select(CauseOf)
            .OrderBy(inner => inner switch { TesseraException => 0, OperationCanceledException => 2, _ => 1 }).First(),
        TypeInitializationException or System.Reflection.TargetInvocationException when fault.InnerException is { } inner => CauseOf(inner),
        _ => fault,
    };
}
