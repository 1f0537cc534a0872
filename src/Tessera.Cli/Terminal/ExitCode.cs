using System.Diagnostics;
using Tessera.Core;

namespace Tessera.Cli.Terminal;

/// <summary>Exit codes of the command line, the same for every command.</summary>
internal enum ExitCode
{
    /// <summary>The command did what was asked.</summary>
    Done = 0,

    /// <summary>The work itself failed (for example the loss became NaN).</summary>
    Failed = 1,

    /// <summary>Wrong arguments or a wrong configuration.</summary>
    Usage = 2,

    /// <summary>Data or a file is missing, damaged or of another kind than expected.</summary>
    BadFile = 3,

    /// <summary>A check ran to its end and found a difference.</summary>
    Difference = 4,
}

/// <summary>From a fault's type to the exit code.</summary>
internal static class ExitCodes
{
    /// <summary>The exit code with which a command ends because of this fault.</summary>
    public static ExitCode Of(TesseraException fault) => fault switch
    {
        WorkException => ExitCode.Failed,
        UsageException => ExitCode.Usage,
        BadFileException => ExitCode.BadFile,
        DifferenceException => ExitCode.Difference,
        _ => throw new UnreachableException($"{fault.GetType()} has no exit code."), // no other type can be made outside Tessera.Core
    };
}
