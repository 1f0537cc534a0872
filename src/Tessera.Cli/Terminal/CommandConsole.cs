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

    private readonly Lazy<IAnsiConsole> _ansi;

    /// <summary>A console on two writers.</summary>
    /// <param name="output">Results.</param>
    /// <param name="error">Messages about faults, and progress.</param>
    /// <param name="isTerminal">True when a person watches the output: colours and redrawn lines are welcome.</param>
    /// <param name="errorIsTerminal">True when a person watches the messages.</param>
    public CommandConsole(TextWriter output, TextWriter error, bool isTerminal = false, bool errorIsTerminal = false)
    {
        Out = output;
        Error = error;
        IsTerminal = isTerminal;
        ErrorIsTerminal = errorIsTerminal;
        _ansi = new Lazy<IAnsiConsole>(CreateAnsi);
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

    /// <summary>The same output for tables; made at the first use, because Spectre costs start-up time.</summary>
    public IAnsiConsole Ansi => _ansi.Value;

    /// <summary>The console of this process; honours <c>NO_COLOR</c> (no-color.org) and <c>TERM=dumb</c>.</summary>
    public static CommandConsole OfProcess()
    {
        bool plain = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new CommandConsole(
            new StreamWriter(Console.OpenStandardOutput(), encoding) { AutoFlush = true },
            new StreamWriter(Console.OpenStandardError(), encoding) { AutoFlush = true },
            isTerminal: !plain && !Console.IsOutputRedirected,
            errorIsTerminal: !plain && !Console.IsErrorRedirected)
        {
            In = Console.In,
            InputIsTerminal = !Console.IsInputRedirected,
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

    /// <summary>The word in red where the messages go to a terminal.</summary>
    public string Emphasis(string word) => ErrorIsTerminal ? $"\u001b[1;31m{word}\u001b[0m" : word;

    /// <summary>An empty table: with borders on a terminal, without in a file.</summary>
    public Table NewTable() => new() { Border = IsTerminal ? TableBorder.Rounded : TableBorder.Simple };

    /// <summary>Writes a table below a line that says what it shows.</summary>
    public void WriteTable(string title, Table table)
    {
        Out.WriteLine(title);
        Ansi.Write(table);
    }

    private IAnsiConsole CreateAnsi()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = IsTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(Out),
        });
        if (!IsTerminal || console.Profile.Width < LeastWidth)
        {
            console.Profile.Width = UnlimitedWidth;
        }

        return console;
    }
}
