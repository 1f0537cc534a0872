using System.Reflection;
using Tessera.Cli.Terminal;
using Tessera.Core;

namespace Tessera.Cli.Tests;

/// <summary>What a command says and answers for a fault that reached the top.</summary>
public sealed class FaultReportTests
{
    public static TheoryData<Exception, int, string> Faults() => new()
    {
        { new UsageException("u"), 2, "error: u\n" },
        { new OperationCanceledException(), 130, "Stopped. What was written before is whole and can be used.\n" },
        { new AggregateException(new OperationCanceledException(), new AggregateException(new BadFileException("b"))), 3, "error: b\n" },
        { new TypeInitializationException("T", new DllNotFoundException("no libx\nmore")), 1, "error: A native library could not be loaded: no libx `tessera doctor` shows which one, and what mends it.\n" },
        { new TargetInvocationException(new DifferenceException("d")), 4, "error: d\n" },
        { new UnauthorizedAccessException("Access to the path '/x' is denied."), 3, "error: A file or folder could not be used: Access to the path '/x' is denied. " },
        { new PathTooLongException("p"), 3, "could not be used: p" },
        { new InsufficientMemoryException(), 1, "error: There is not enough memory for this. Use a smaller batch" },
        { new InvalidOperationException("i"), 1, "error: InvalidOperationException: i\nThis is a bug in Tessera." },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Every_fault_has_its_message_and_exit_code(Exception fault, int exitCode, string expected)
    {
        using var error = new StringWriter { NewLine = "\n" };
        Assert.Equal(exitCode, FaultReport.Write(new CommandConsole(TextWriter.Null, error), fault));
        Assert.Contains(expected, error.ToString());
    }
}
