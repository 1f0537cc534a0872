using System.CommandLine;
using Tessera.Cli.Configuration;
using Tessera.Core;
using Tessera.Training;

namespace Tessera.Cli.Commands;

/// <summary>The option <c>--eval-size</c>.</summary>
internal static class EvalSizeOption
{
    /// <summary>Creates it.</summary>
    public static Option<string?> Create() => new("--eval-size")
    {
        Description = "Compare at each image's own size (original) or at the network's (input, as HAT does); default: val_metric.eval_size of the configuration",
        HelpName = "original|input",
    };

    /// <summary>The size to compare at.</summary>
    /// <exception cref="UsageException">The option is neither of the two words.</exception>
    public static EvalSize Read(string? text, TesseraConfig config) => text switch
    {
        null => config.EvalSize,
        "original" => EvalSize.Original,
        "input" => EvalSize.Input,
        _ => throw new UsageException($"--eval-size is {text}; it must be original or input."),
    };

    /// <summary>The size in words, for titles.</summary>
    public static string Describe(EvalSize size, TesseraConfig config) =>
        size == EvalSize.Original ? "each image's own size" : $"the input size {config.InputHeight}x{config.InputWidth}";
}
