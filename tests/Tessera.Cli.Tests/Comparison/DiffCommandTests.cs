using System.Collections.Immutable;
using System.Text.Json;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Cli.Tests.Comparison;

/// <summary><c>tessera diff</c> on a run of a minute: forms that promise the same are the same, and what was changed on purpose is named exactly.</summary>
public sealed class DiffCommandTests(TrainedRun run) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("int_infer", "compiled")]
    [InlineData("onnx-int", "qat")]
    [InlineData("compiled", "qat")]
    public void Forms_of_one_checkpoint_are_equal_in_every_integer(string a, string b)
    {
        Cli said = Cli.Run(["diff", a, b, .. run.Config()]);
        Assert.Equal((0, ""), (said.ExitCode, said.Error));
        Assert.Matches($@"^{a} against {b}: 1 images, 64 nodes, [\d,]+ elements; every integer must be equal\.\nEvery element is equal\.\n$", said.Output);
    }

    [Fact]
    public void Every_form_can_be_compared_and_the_tolerance_decides()
    {
        foreach (string form in new[] { "calibration", "qat", "int_infer", "compiled", "onnx-qdq", "onnx-int" })
        {
            Assert.Equal(0, Cli.Run(["diff", "float", form, .. run.Config("--tolerance", "1000")]).ExitCode);
        }

        Cli strict = Cli.Run(["diff", "onnx-float", "onnx-int", .. run.Config("--tolerance", "0.0001")]);
        Assert.Equal(4, strict.ExitCode);
        Assert.StartsWith("error: onnx-int differs from onnx-float. On image ", strict.Error);
        Assert.Contains("layer backbone.mod1.0.0 differs first", strict.Error); // rounding begins with the first convolution

        Assert.Equal(4, Cli.Run(["diff", "float", "onnx-float", .. run.Config("--tolerance", "0")]).ExitCode); // real numbers, not one of which may differ
        Cli real = Cli.Run(["diff", "float", "onnx-float", .. run.Config()]);
        Assert.Equal(0, real.ExitCode);
        Assert.Contains("183 nodes", real.Output); // batch norm and ReLU are compared too
        Assert.Contains("allowed: 0.0001 of a node's largest magnitude", real.Output);
        Assert.Contains("allowed: 0.1 of", Cli.Run(["diff", "float", "qat", .. run.Config()]).Output);
    }

    [Fact]
    public void A_changed_weight_is_named_with_its_node_channel_and_operands()
    {
        CompiledProgram compiled = ArtefactReader.Read(run.Artefact).Compiled;
        ConvInstruction stem = compiled.Program.Instructions.OfType<ConvInstruction>().First();
        sbyte[] weights = [.. stem.Weights];
        int at = Array.IndexOf(weights, weights.Max()), channel = at / stem.FanIn;
        weights[at] = (sbyte)-weights[at];
        string tampered = Write(compiled, stem, stem with { Weights = [.. weights] });
        Cli said = Cli.Run(["diff", "int_infer", "compiled", .. run.Config("--artefact", tampered, "--json", Json)]);
        Assert.Equal(4, said.ExitCode);
        Assert.Contains($"layer {stem.Name} differs first: ", said.Error);
        Assert.Contains($", channel {channel}: ", said.Error);
        Assert.Matches($@"weight {at}\b.*· {stem.Weights[at]} .*· {weights[at]}\b", said.Output);

        JsonElement first = JsonDocument.Parse(File.ReadAllText(Json)).RootElement.GetProperty("first");
        Assert.Equal((stem.Name, channel), (first.GetProperty("node").GetString(), first.GetProperty("channel").GetInt32()));
        JsonElement operands = first.GetProperty("operands");
        JsonElement changed = Assert.Single(operands.GetProperty("terms").EnumerateArray().ToArray(), term => Number(term, "expected_weight") != Number(term, "actual_weight"));
        Assert.Equal(at, changed.GetProperty("weight").GetInt32());

        // The operands make the two values: what is shown is what was computed.
        Assert.Equal(Number(first, "expected"), Requantized(operands, "expected", stem));
        Assert.Equal(Number(first, "actual"), Requantized(operands, "actual", stem));

        // align finds it by the same comparison.
        Cli aligned = Cli.Run(["align", "--onnx", "false", .. run.Config("--artefact", tampered)]);
        Assert.Equal(4, aligned.ExitCode);
        Assert.Contains($"layer {stem.Name} differs first: ", aligned.Error);
        Assert.Contains($", channel {channel}: ", aligned.Error);
        Assert.Contains($"Cause: the weights of layer {stem.Name} differ", aligned.Error);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(40)]
    public void A_changed_bias_deep_in_the_network_is_named_and_nothing_before_it(int place)
    {
        CompiledProgram compiled = ArtefactReader.Read(run.Artefact).Compiled;
        ConvInstruction conv = compiled.Program.Instructions.OfType<ConvInstruction>().ElementAt(place);
        const int Channel = 2;
        int far = (int)(60 / conv.Multipliers[Channel]); // sixty steps of the output
        string tampered = Write(compiled, conv, conv with { Bias = conv.Bias.SetItem(Channel, conv.Bias[Channel] + far) });
        Cli said = Cli.Run(["diff", "compiled", "onnx-int", .. run.Config("--artefact", tampered, "--json", Json)]);
        Assert.Equal(4, said.ExitCode);
        JsonElement first = JsonDocument.Parse(File.ReadAllText(Json)).RootElement.GetProperty("first");
        Assert.Equal((conv.Name, Channel), (first.GetProperty("node").GetString(), first.GetProperty("channel").GetInt32()));
        JsonElement bias = first.GetProperty("operands").GetProperty("bias");
        Assert.Equal((conv.Bias[Channel] + far, conv.Bias[Channel]), (bias.GetProperty("expected").GetInt32(), bias.GetProperty("actual").GetInt32()));
        Assert.All(first.GetProperty("operands").GetProperty("terms").EnumerateArray(), term => Assert.Equal(Number(term, "expected_input"), Number(term, "actual_input")));
    }

    [Fact]
    public void As_many_images_are_compared_as_asked_for()
    {
        string streets = Path.Combine(_folder.Root, "streets");
        TinyStreets.Write(streets, train: 0, val: 6);
        Assert.Equal(0, Cli.Run("pack", "--src-data-dir", streets, "--target-data-dir", _folder.Root, "--split-name", "val", "--pack-type", "lmdb").ExitCode);
        string[] pack = ["--set", $"val_data_loader.dataset.data_path={Path.Combine(_folder.Root, "val_lmdb")}"];
        Assert.Contains(": 4 images", Cli.Run(["diff", "qat", "compiled", .. run.Config(pack)]).Output);
        Assert.Contains(": 2 images", Cli.Run(["diff", "qat", "compiled", .. run.Config([.. pack, "--images", "2"])]).Output);
    }

    [Theory]
    [InlineData(2, "flaot is no form of a network; it must be float, calibration, ", "flaot", "qat")]
    [InlineData(2, "Both forms are qat; name two different ones.", "qat", "qat")]
    [InlineData(2, "--images is 0; a comparison needs at least 1 image.", "qat", "compiled", "--images", "0")]
    [InlineData(2, "--tolerance is -1; it must be a number of at least 0", "float", "compiled", "--tolerance", "-1")]
    [InlineData(2, "--artefact is for the form compiled", "float", "qat", "--artefact", "x.tsr")]
    [InlineData(3, "x.tsr", "qat", "compiled", "--artefact", "x.tsr")]
    public void Bad_input_gives_one_message(int exitCode, string message, string a, string b, params string[] options)
    {
        Cli failed = Cli.Run(["diff", a, b, .. run.Config(options)]);
        Assert.Equal(exitCode, failed.ExitCode);
        Assert.Contains(message, failed.Error);
        Assert.DoesNotContain("   at ", failed.Error);
    }

    private string Json => Path.Combine(_folder.Root, "diff.json");

    private string Write(CompiledProgram compiled, ConvInstruction old, ConvInstruction changed)
    {
        string path = Path.Combine(_folder.Root, "tampered.tsr");
        ImmutableArray<IntegerInstruction> instructions = compiled.Program.Instructions.Replace(old, changed);
        ArtefactWriter.Write(new CompiledProgram(new IntegerProgram(compiled.Program.Name, compiled.Program.Tensors, instructions, compiled.Program.Outputs), compiled.Memory, compiled.Info), path);
        return path;
    }

    private static double Number(JsonElement element, string key) => element.GetProperty(key).GetDouble();

    private static double Requantized(JsonElement operands, string form, ConvInstruction conv)
    {
        double sum = Number(operands.GetProperty("bias"), form) + operands.GetProperty("terms").EnumerateArray().Sum(term => Number(term, $"{form}_input") * Number(term, $"{form}_weight"));
        return Math.Min(conv.High, Int8Arithmetic.Requantize((int)sum, (float)Number(operands.GetProperty("multiplier"), form), conv.Low));
    }
}
