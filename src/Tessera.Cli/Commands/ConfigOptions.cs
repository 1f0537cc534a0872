using System.CommandLine;
using Tessera.Cli.Configuration;

namespace Tessera.Cli.Commands;

/// <summary>The options <c>--config</c> and <c>--set</c>, which every stage takes.</summary>
internal sealed class ConfigOptions
{
    /// <summary>The configuration file.</summary>
    public Option<string> Path { get; } = new("--config", "-c")
    {
        Description = "The configuration, a YAML file below configs/",
        HelpName = "FILE",
        Required = true,
    };

    /// <summary>Changed keys.</summary>
    public Option<string[]> Set { get; } = new("--set")
    {
        Description = "Change a key for this run; may be given several times",
        HelpName = "KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="Core.UsageException">The configuration is wrong.</exception>
    public TesseraConfig Load(ParseResult parsed) => TesseraConfig.Load(parsed.GetRequiredValue(Path), parsed.GetRequiredValue(Set));
}
