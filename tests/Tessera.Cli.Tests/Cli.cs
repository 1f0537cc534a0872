using Tessera.Cli.Terminal;

namespace Tessera.Cli.Tests;

/// <summary>Runs a command line in this process.</summary>
public sealed record Cli(int ExitCode, string Output, string Error)
{
    public static Cli Run(params string[] arguments) => Run(arguments, default);

    public static Cli Run(string[] arguments, CancellationToken cancellation) => Run(arguments, "", cancellation);

    /// <summary>Runs a command line that finds a text on its standard input.</summary>
    public static Cli RunWithInput(string input, params string[] arguments) => Run(arguments, input, default);

    private static Cli Run(string[] arguments, string input, CancellationToken cancellation)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int exitCode = CommandLine.Run(arguments, new CommandConsole(output, error) { In = new StringReader(input) }, cancellation);
        return new Cli(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>A configuration that the repository ships.</summary>
    public static string Config(string name)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Tessera.slnx")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, "configs", "segmentation", name);
    }
}
