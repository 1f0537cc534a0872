using System.Text.RegularExpressions;
using Tessera.Cli.Configuration;

namespace Tessera.Cli.Tests;

/// <summary>docs/commands.md is true of the program.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Cli.Config("x"))!, "..", "..", "docs", "commands.md"));

    [Fact]
    public void Every_command_and_every_option_is_on_the_page()
    {
        string[] commands = [.. CommandName().Matches(Cli.Run("--help").Output.Split("Commands:")[1].Split("\n\n")[0]).Select(match => match.Groups[1].Value)];
        Assert.True(commands.Length >= 9);
        foreach (string command in commands)
        {
            Assert.Contains($"| `{command}` |", Page);
            string options = Cli.Run(command, "--help").Output.Split("Options:")[1].Split("Examples:")[0];
            foreach (Match option in OptionName().Matches(options))
            {
                Assert.True(option.Value == "--help" || Page.Contains(option.Value, StringComparison.Ordinal), $"{command} {option.Value}");
            }
        }
    }

    [Fact]
    public void Every_key_of_the_configuration_is_on_the_page()
    {
        string resolved = TesseraConfig.Load(Cli.Config("unet_mobilenetv1_cityscapes.yaml"), []).ResolvedYaml;
        string[] keys = [.. KeyName().Matches(resolved).Select(match => match.Groups[1].Value).Distinct()];
        Assert.True(keys.Length > 30);
        Assert.All(keys, key => Assert.Matches($@"[`.]{key}[`.]", Page));
    }

    [GeneratedRegex(@"^  ([a-z][a-z-]*)", RegexOptions.Multiline)]
    private static partial Regex CommandName();

    [GeneratedRegex(@"(?<=^  (?:-\w+, )?)--[a-z-]+", RegexOptions.Multiline)]
    private static partial Regex OptionName();

    [GeneratedRegex(@"^[ -]*([a-z_]+):", RegexOptions.Multiline)]
    private static partial Regex KeyName();
}
