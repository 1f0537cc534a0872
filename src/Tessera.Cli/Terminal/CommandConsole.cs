using System.Text;
using Spectre.Console;

namespace Tessera.Cli.Terminal;

/// <summary>Where a command writes. To a terminal it may colour and redraw; into a file or pipe it writes plain lines of any width.</summary>
public sealed class CommandConsole
{
    // Redirected tables are never cut: wider than any table of this program, and Spectre does not fill it up.
    private const int UnlimitedWidth = 1000;

    /// <summary>A terminal that says it is narrower (often 0 columns) does not know its size.</summary>
    internal const int LeastWidth = 20;

    private const int UnknownWidth = 80;

    private readonly Lazy<IAnsiConsole> _ansi;
    private readonly TextWriter _rawOut;
    private readonly TextWriter _rawError;

    /// <summary>A console on two writers.</summary>
    /// <param name="output">Results.</param>
    /// <param name="error">Messages about faults, and progress.</param>
    /// <param name="isTerminal">True when a person watches the output: colours and redrawn lines are welcome.</param>
    /// <param name="errorIsTerminal">True when a person watches the messages.</param>
    public CommandConsole(TextWriter output, TextWriter error, bool isTerminal = false, bool errorIsTerminal = false)
    {
        _rawOut = output;
        _rawError = error;
        Out = new VisibleWriter(output);
        Error = new VisibleWriter(error);
        IsTerminal = isTerminal;
        ErrorIsTerminal = errorIsTerminal;
        _ansi = new Lazy<IAnsiConsole>(CreateAnsi); // at the first table, because Spectre costs start-up time
    }

    /// <summary>Results.</summary>
    public TextWriter Out { get; }

    /// <summary>Messages about faults, and progress.</summary>
    public TextWriter Error { get; }

    /// <summary>What comes in; empty unless given.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>True when a person types the input.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>True when a person watches the output.</summary>
    public bool IsTerminal { get; }

    /// <summary>True when a person watches the messages.</summary>
    public bool ErrorIsTerminal { get; }

    /// <summary>The terminal's columns at this moment.</summary>
    public Func<int> Columns { get; init; } = TerminalColumns;

    /// <summary>Standard output's first fault; null while all of it could be written.</summary>
    public Func<Exception?> OutputFault { get; init; } = () => null;

    /// <summary>The console of this process; honours <c>NO_COLOR</c> (no-color.org) and <c>TERM=dumb</c>.</summary>
    public static CommandConsole OfProcess()
    {
        bool plain = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = new SteadyStream(Console.OpenStandardOutput());
        return new CommandConsole(
            new StreamWriter(output, encoding) { AutoFlush = true },
            new StreamWriter(new SteadyStream(Console.OpenStandardError()), encoding) { AutoFlush = true },
            isTerminal: !plain && !Console.IsOutputRedirected,
            errorIsTerminal: !plain && !Console.IsErrorRedirected)
        {
            In = Console.In,
            InputIsTerminal = !Console.IsInputRedirected,
            OutputFault = () => output.Fault,
        };
    }

    /// <summary>Reads a line; a person is asked for it, and types it unseen.</summary>
    /// <param name="question">What the person is asked.</param>
    /// <exception cref="OperationCanceledException">The person pressed Ctrl-C.</exception>
    public string ReadSecret(string question)
    {
        if (!InputIsTerminal)
        {
            return In.ReadLine() ?? "";
        }

        Error.Write(question);
        var typed = new StringBuilder();
        Console.TreatControlCAsInput = true;
        try
        {
            for (ConsoleKeyInfo key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
            {
                if (key is { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control })
                {
                    throw new OperationCanceledException();
                }

                if (key.Key == ConsoleKey.Backspace)
                {
                    typed.Length = Math.Max(0, typed.Length - 1);
                }
                else if (!char.IsControl(key.KeyChar))
                {
                    typed.Append(key.KeyChar);
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
            Error.WriteLine();
        }

        return typed.ToString();
    }

    /// <summary>Writes a message about a fault, its first word in red where a person watches.</summary>
    public void WriteFault(string message)
    {
        const string Word = "error:";
        _rawError.WriteLine($"{(ErrorIsTerminal ? $"\u001b[1;31m{Word}\u001b[0m" : Word)} {Visible.Of(message)}");
    }

    /// <summary>Writes the line below over the one that stands there; only where a person watches the messages.</summary>
    /// <param name="line">No wider than the terminal.</param>
    internal void Redraw(string line) => _rawError.Write($"\r{Visible.Of(line)}\u001b[K");

    /// <summary>An empty table: with borders on a terminal, without in a file.</summary>
    public TextTable NewTable() => new(IsTerminal);

    /// <summary>Writes a table below a line that says what it shows.</summary>
    public void WriteTable(string title, TextTable table)
    {
        Out.WriteLine(title);
        _ansi.Value.Write(table.Content);
    }

    private static int TerminalColumns()
    {
        try
        {
            return Console.WindowWidth is >= LeastWidth and int columns ? columns : UnknownWidth;
        }
        catch (Exception fault) when (fault is IOException or PlatformNotSupportedException)
        {
            return UnknownWidth;
        }
    }

    private IAnsiConsole CreateAnsi()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = IsTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(_rawOut),
        });
        if (!IsTerminal || console.Profile.Width < LeastWidth)
        {
            console.Profile.Width = UnlimitedWidth;
        }

        return console;
    }
}
