namespace Tessera.Core;

/// <summary>
/// A fault that is explained to the user in one message instead of a stack trace.
/// The message states the condition, the file, key or node, the value received, and what to do. The type says who can mend it.
/// </summary>
public abstract class TesseraException : Exception
{
    private protected TesseraException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>The work could not be completed, although arguments and files were right.</summary>
public class WorkException(string message, Exception? inner = null) : TesseraException(message, inner);

/// <summary>An argument or a configuration key is wrong.</summary>
public sealed class UsageException(string message, Exception? inner = null) : TesseraException(message, inner);

/// <summary>A file or data set is missing, damaged or of another kind than expected.</summary>
public sealed class BadFileException(string message, Exception? inner = null) : TesseraException(message, inner);

/// <summary>Two things that must be equal are not.</summary>
public sealed class DifferenceException(string message) : TesseraException(message);
