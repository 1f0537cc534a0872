using System.CommandLine;
using Tessera.Cli.Commands;
using Tessera.Cli.Terminal;
using Tessera.Cli.Tests.HatConfigs;

namespace Tessera.Cli.Tests.Commands;

/// <content>Every option of every command with values that nobody should give it: one message, a documented exit code, never "a bug".</content>
public sealed partial class BadInputTests
{
    private static readonly string[] Numbers = ["", "x", "-1", "1e3", "nan", "99999999999", "\0"];

    // What each command needs so that it comes to the option under test, with as little work as there can be.
    private Dictionary<string, string[]> Bases => new()
    {
        ["demo"] = ["--out", _folder.Root, "--num-train", "1", "--num-val", "1"],
        ["data"] = [],
        ["data synth"] = ["--out", Path.Combine(_folder.Root, "synth"), "--num-train", "1", "--num-val", "1", "--size", "64,64"],
        ["data check"] = ["--src-data-dir", run.Streets],
        ["data download"] = ["--user", "u"],
        ["pack"] = ["--src-data-dir", run.Streets, "--target-data-dir", Path.Combine(_folder.Root, "pack"), "--pack-type", "lmdb"],
        ["train"] = ["--stage", "float", .. run.Config("--set", "ckpt_dir=/dev/null/run")],
        ["predict"] = ["--stage", "float", .. run.Config()],
        ["compile"] = run.Config("--ckpt", "none.safetensors"),
        ["inspect"] = [run.Artefact],
        ["compare"] = [run.Checkpoint("float"), run.Checkpoint("qat")],
        ["align"] = run.Config("--qat", "false", "--onnx", "false"),
        ["verify"] = run.Config("--budget", _folder.Write("budget.yaml", "max_bytes: 100000000")),
        ["analyze"] = run.Config("--ckpt", "none.safetensors"),
        ["diff"] = ["int_infer", "compiled", .. run.Config("--artefact", "none.tsr")],
        ["infer"] = ["--model-inputs", $"img:{TinyStreets.ImagePath(run.Streets, "val", 100)}", "--save-path", Path.Combine(_folder.Root, "out"), .. run.Config()],
        ["export-onnx"] = run.Config("--out-dir", Path.Combine(_folder.Root, "onnx")),
        ["calops"] = run.Config(),
        ["bench"] = run.Config("--artefact", "none.tsr"),
        ["config"] = run.Config(),
        ["config import"] = [_folder.Write("hat.py", HatTutorial.Python(64, 128))],
        ["doctor"] = [],
    };

    [Fact]
    public void No_value_of_any_option_reaches_the_top_as_a_bug()
    {
        string file = _folder.Write("a-file", "text");
        string[] texts = ["", "\0", "a\0b", _folder.Root, Path.Combine(file, "below"), Path.Combine(_folder.Root, new string('n', 300)), new string('p', 5000), "/dev/null/x"];
        var faults = new List<string>();
        int tried = 0;
        foreach ((string name, Command command) in Commands())
        {
            Assert.True(Bases.TryGetValue(name, out string[]? basis), $"Say in {nameof(Bases)} what `{name}` needs.");
            foreach (Option option in command.Options.Where(option => option.ValueType != typeof(bool) && option.Name is not ("--cold-start" or "--pixels" or "--probe")))
            {
                bool isText = option.ValueType == typeof(string) || option.ValueType == typeof(string[]);
                foreach (string value in isText ? texts : Numbers)
                {
                    tried++;
                    string[] arguments = [.. name.Split(' '), .. Without(basis, option), option.Name, value];
                    Cli result = Cli.Run(arguments);
                    if (result.ExitCode is not (>= 0 and <= 4) || result.Error.Contains("a bug in Tessera") || result.Error.Contains("   at "))
                    {
                        faults.Add($"{string.Join(' ', arguments)}: {result.ExitCode}: {result.Error}");
                    }
                }
            }
        }

        Assert.True(tried > 300);
        Assert.True(faults.Count == 0, Visible.Of(string.Join('\n', faults.Take(20))));
    }

    [Theory]
    [InlineData("--num-workers is x; it must be a whole number of at most 2147483647.", "pack", "--src-data-dir", "d", "--num-workers", "x")]
    [InlineData("--seed is -1; it must be a whole number from 0 to 18446744073709551615.", "demo", "--seed", "-1")]
    [InlineData("--config is empty; give it a value, or leave it out.", "config", "-c", "")]
    [InlineData("FILE is empty; give it a value, or leave it out.", "inspect", " ")]
    [InlineData("--config holds a NUL character", "config", "-c", "a\0b")]
    public void A_value_that_is_none_is_named_with_its_option(string expected, params string[] arguments) => Fails(2, expected, arguments);

    [Fact]
    public void What_cannot_be_compiled_is_not_trained()
    {
        const string Reason = "With compile_cfg.march cpu and compile_cfg.opt 0 this network could be trained, but not compiled: ";
        string[] tooLarge = ["--set", "input_size=[8192, 16384]", "--set", "compile_cfg.opt=0"];
        Fails(2, Reason, ["config", .. run.Config(tooLarge)]);
        Fails(2, Reason, ["train", "--stage", "float", .. run.Config(tooLarge)]);
    }

    [Fact]
    public void No_remedy_is_said_twice()
    {
        string streets = Path.Combine(_folder.Root, "streets");
        TinyStreets.Write(streets, train: 2, val: 1);
        File.WriteAllBytes(TinyStreets.ImagePath(streets, "train", 0), File.ReadAllBytes(TinyStreets.ImagePath(streets, "train", 0))[..200]);
        File.WriteAllText(TinyStreets.LabelPath(streets, "train", 1), "no picture");
        Cli check = Cli.Run("data", "check", "--src-data-dir", streets);
        Assert.Equal(4, check.ExitCode);
        foreach (string line in check.Output.Split('\n').Where(line => line.Contains("is damaged") || line.Contains("is not a PNG")))
        {
            Assert.Equal(1, line.Split("from its source").Length - 1);
        }

        Assert.Contains("from its source", check.Output);
    }

    private static IEnumerable<(string Name, Command Command)> Commands()
    {
        var context = new CommandContext(new CommandConsole(TextWriter.Null, TextWriter.Null), default);
        return CommandTable.Create(context).SelectMany(command => command.Subcommands.Select(sub => ($"{command.Name} {sub.Name}", sub)).Prepend((command.Name, command)));
    }

    /// <summary>The arguments without an option that takes one value, and without the values before it of which there may be one only.</summary>
    private static IEnumerable<string> Without(string[] arguments, Option option)
    {
        if (option.ValueType == typeof(string[]))
        {
            return arguments;
        }

        string[] names = [option.Name, .. option.Aliases];
        return arguments.Where((argument, i) => !names.Contains(argument) && (i == 0 || !names.Contains(arguments[i - 1])));
    }
}
