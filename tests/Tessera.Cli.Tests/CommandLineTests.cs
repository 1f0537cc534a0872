using System.Text.RegularExpressions;

namespace Tessera.Cli.Tests;

public sealed partial class CommandLineTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData()]
    public void The_root_help_shows_the_order_of_the_chain(params string[] arguments)
    {
        Cli run = Cli.Run(arguments);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        int last = 0;
        foreach (string command in new[] { "tessera demo", "tessera pack", "--stage float", "--stage calibration", "--stage qat", "tessera predict", "tessera compile", "tessera align", "tessera infer", "tessera export-onnx" })
        {
            int at = run.Output.IndexOf(command, StringComparison.Ordinal);
            Assert.True(at > last, command);
            last = at;
        }
    }

    [Fact]
    public void Every_command_has_a_help_with_examples()
    {
        string[] commands = [.. CommandName().Matches(Cli.Run("--help").Output.Split("Commands:")[1].Split("\n\n")[0]).Select(match => match.Groups[1].Value)];
        Assert.True(commands.Length >= 2);
        foreach (string command in commands)
        {
            Cli run = Cli.Run(command, "--help");
            Assert.Equal(0, run.ExitCode);
            Assert.Matches($@"Examples:\n  tessera {command}\s", run.Output);
        }
    }

    [Theory]
    [InlineData("Unknown command calop. Did you mean calops?", "calop")]
    [InlineData("Unknown option --conf. Did you mean --config?", "calops", "--conf")]
    [InlineData("Option '--config' is required.", "calops")]
    [InlineData("Unknown argument more.", "calops", "-c", "x.yaml", "more")]
    [InlineData("cannot read the configuration x.yaml: there is no such file.", "calops", "-c", "x.yaml")]
    public void Wrong_arguments_give_one_message_and_exit_code_2(string expected, params string[] arguments)
    {
        Cli run = Cli.Run(arguments);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("error: ", run.Error);
        Assert.Contains(expected, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Theory]
    [InlineData("--save-path", "infer", "-c", "x.yaml", "--model-inputs", "img:x", "--save-path", "")]
    [InlineData("--out", "data", "download", "--package", "x.zip", "--out", "")]
    [InlineData("--json", "data", "check", "--src-data-dir", "x", "--json", "")]
    [InlineData("--config", "calops", "-c", "")]
    public void An_empty_path_is_an_error_of_usage(string option, params string[] arguments)
    {
        Cli run = Cli.Run(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"error: {option} is empty; give it a value, or leave it out.\n", run.Error);
    }

    [Fact]
    public void The_version_is_printed() => Assert.Matches(@"^\d+\.\d+\.\d+", Cli.Run("--version").Output);

    [Fact]
    public void Calops_prints_HATs_two_lines_and_the_counts_of_every_graph()
    {
        Cli run = Cli.Run("calops", "-c", Cli.Config("unet_mobilenetv1_cityscapes.yaml"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("Params: 1.380029 M\nFLOPs: 3.679846 G\n", run.Output);
        Assert.Matches(@"float, training.* 4\.326818 G +1,380,029", run.Output);
        Assert.Matches(@"float, deployed.* 3\.679846 G ", run.Output);
        Assert.Matches(@"int8, training.* 4\.326818 G +1,360,095", run.Output);
        Assert.Matches(@"int8, deployed.* 3\.679846 G +983,059", run.Output);
    }

    [Theory]
    [InlineData("1,3,512,1024", "FLOPs: 0.919962 G", 0)]
    [InlineData("2,3,1024,2048", "FLOPs: 7.359693 G", 0)]
    [InlineData("1,3,100,100", "height and width divisible by 64", 2)]
    [InlineData("1,3,512", "expected four sizes N,C,H,W", 2)]
    public void Calops_counts_for_another_input_shape(string shape, string expected, int exitCode)
    {
        Cli run = Cli.Run("calops", "-c", Cli.Config("unet_mobilenetv1_cityscapes.yaml"), "--input-shape", shape);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(expected, run.Output + run.Error);
    }

    [Fact]
    public void Config_prints_the_configuration_with_bases_and_overrides_applied()
    {
        Cli run = Cli.Run("config", "-c", Cli.Config("unet_mobilenetv1_kitti.yaml"), "--set", "float_trainer.num_epochs=3", "--set", "seed=7");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("seed: 7\ninput_size: [384, 1280]\n", run.Output);
        Assert.Contains("float_trainer:\n  num_epochs: 3\n", run.Output);
    }

    [GeneratedRegex(@"^  ([a-z][a-z-]*)", RegexOptions.Multiline)]
    private static partial Regex CommandName();
}
