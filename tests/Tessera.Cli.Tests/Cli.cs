using Tessera.Cli.Terminal;

namespace Tessera.Cli.Tests;

/// <summary>Runs a command line in this process.</summary>
public sealed record Cli(int ExitCode, string Output, string Error)
{
    public static Cli Run(params string[] arguments) => Run(arguments, default);

    public static Cli Run(string[] arguments, CancellationToken cancellation)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int exitCode = CommandLine.Run(arguments, new CommandConsole(output, error), cancellation);
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
