namespace Tessera.Core;

/// <summary>Exit codes of the command line, the same for every command.</summary>
public enum ExitCode
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

/// <summary>
/// A fault that is explained to the user in one message instead of a stack trace.
/// The message states the condition, the file, key or node, the value received, and what to do.
/// </summary>
public abstract class TesseraException : Exception
{
    /// <summary>Creates the fault with its complete message.</summary>
    protected TesseraException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>The exit code with which the command line ends because of this fault.</summary>
    public abstract ExitCode ExitCode { get; }
}

/// <summary>The work could not be completed, although arguments and files were right.</summary>
public sealed class WorkException(string message, Exception? inner = null) : TesseraException(message, inner)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Failed;
}

/// <summary>An argument or a configuration key is wrong.</summary>
public sealed class UsageException(string message, Exception? inner = null) : TesseraException(message, inner)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Usage;
}

/// <summary>A file or data set is missing, damaged or of another kind than expected.</summary>
public sealed class BadFileException(string message, Exception? inner = null) : TesseraException(message, inner)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.BadFile;
}

/// <summary>Two things that must be equal are not.</summary>
public sealed class DifferenceException(string message) : TesseraException(message)
{
    /// <inheritdoc/>
    public override ExitCode ExitCode => ExitCode.Difference;
}
