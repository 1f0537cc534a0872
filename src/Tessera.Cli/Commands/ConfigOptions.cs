using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Core;

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

    /// <summary>Changed keys in HAT's spelling.</summary>
    public Option<string[]> Opts { get; } = new("--opts")
    {
        Description = "As --set, in HAT's spelling: keys and values in turn",
        HelpName = "KEY VALUE ...",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="UsageException">The configuration is wrong.</exception>
    public TesseraConfig Load(ParseResult parsed)
    {
        string[] opts = parsed.GetRequiredValue(Opts);
        return opts.Length % 2 == 0
            ? TesseraConfig.Load(parsed.GetRequiredValue(Path), [.. parsed.GetRequiredValue(Set), .. opts.Chunk(2).Select(pair => $"{pair[0]}={pair[1]}")])
            : throw new UsageException($"--opts has {opts.Length} words; it takes keys and values in turn: --opts float_trainer.num_epochs 3 seed 7. A list is one word: \"[1, 2]\".");
    }
}
