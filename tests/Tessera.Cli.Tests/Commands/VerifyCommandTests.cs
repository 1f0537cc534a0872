using System.Text.Json.Nodes;
using System.Xml.Linq;
using Tessera.Graphs;

namespace Tessera.Cli.Tests.Commands;

/// <summary>A budget is held against what the other commands measure; a wrong budget is an error of the arguments.</summary>
[Collection(TrainedRunCollection.Name)]
public sealed class VerifyCommandTests(TrainedRun run) : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_within_its_budget_passes_and_the_reports_say_what_was_found()
    {
        string json = Path.Combine(_folder.Root, "verify.json"), junit = Path.Combine(_folder.Root, "verify.xml");
        long bytes = new FileInfo(run.Artefact).Length;
        Cli passed = Verify(
            $$"""
            max_bytes: {{bytes}}
            max_estimated_ms: {nash-m: 1000, cpu: 1000}
            max_latency: {ms: 100000, ratio_to_onnx_float: 1000, frames: 2}
            max_miou_drop: 100
            bit_equal: [[qat, int_infer], [compiled, int_infer], [qat, onnx-int]]
            """,
            "--json", json, "--junit", junit);
        Assert.True(passed.ExitCode == 0, passed.Error);
        JsonNode root = JsonNode.Parse(File.ReadAllText(json))!;
        Dictionary<string, JsonNode> limits = root["limits"]!.AsArray().ToDictionary(limit => limit!["name"]!.GetValue<string>(), limit => limit!);
        string[] names =
        [
            "max_bytes", "max_estimated_ms.cpu", "max_estimated_ms.nash-m", "max_latency.ms", "max_latency.ratio_to_onnx_float", "max_miou_drop",
            "bit_equal.qat=int_infer", "bit_equal.compiled=int_infer", "bit_equal.qat=onnx-int",
        ];
        Assert.Equal(names, limits.Keys);
        Assert.True(root["holds"]!.GetValue<bool>());
        Assert.Equal(bytes, Found("max_bytes"));
        Assert.Equal(0, Found("bit_equal.qat=int_infer"));
        Assert.True(Found("max_latency.ms") > 0 && Found("max_latency.ratio_to_onnx_float") > 0);
        Assert.Equal(MeanIoU("float") - MeanIoU("int_infer"), Found("max_miou_drop"), 0.011);
        Assert.Equal(EstimateOf("nash-m"), Found("max_estimated_ms.nash-m"), 0.0005);

        XElement suite = XDocument.Load(junit).Root!.Element("testsuite")!;
        Assert.Equal(("testsuites", "9", "0", "0"), (suite.Parent!.Name.LocalName, suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value, suite.Attribute("errors")!.Value));
        Assert.Equal(names, suite.Elements("testcase").Select(test => test.Attribute("name")!.Value));

        double Found(string name) => limits[name]["found"]!.GetValue<double>();
    }

    [Fact]
    public void Each_limit_that_does_not_hold_is_a_failure_and_the_status_is_4()
    {
        string junit = Path.Combine(_folder.Root, "verify.xml"), changed = Path.Combine(_folder.Root, "other.safetensors");
        SafetensorsFile checkpoint = SafetensorsFile.Read(run.Checkpoint("qat"));
        SafetensorsTensor tensor = checkpoint.Tensors.First(candidate => candidate.Name.EndsWith(".weight", StringComparison.Ordinal));
        float[] values = [.. tensor.ToFloats(changed).Select(value => -value)];
        new SafetensorsFile(checkpoint.Tensors.Replace(tensor, SafetensorsTensor.FromFloats(tensor.Name, tensor.Shape, values)), checkpoint.Metadata).Write(changed);
        long bytes = new FileInfo(run.Artefact).Length;
        Cli failed = Verify($"{{max_bytes: {bytes - 1}, max_estimated_ms: {{nash-m: 0.000001}}, max_latency: {{ms: 0.000001, frames: 1}}, bit_equal: [[compiled, int_infer], [int_infer, qat]]}}", "--ckpt", changed, "--junit", junit);
        Assert.Equal(4, failed.ExitCode);
        Assert.Contains("4 of 5 limits of ", failed.Error);
        Assert.Contains("do not hold: max_bytes, max_estimated_ms.nash-m, max_latency.ms, bit_equal.compiled=int_infer.", failed.Error);
        Assert.Contains("was not compiled from this checkpoint", failed.Output);
        XElement[] failures = [.. XDocument.Load(junit).Descendants("failure")];
        Assert.Equal(4, failures.Length);
        Assert.StartsWith($"{run.Artefact} has {bytes:N0} bytes. The limit is {bytes - 1} bytes.", failures[0].Attribute("message")!.Value);
    }

    [Fact]
    public void A_limit_that_cannot_be_measured_does_not_hide_the_others()
    {
        string junit = Path.Combine(_folder.Root, "verify.xml"), none = Path.Combine(_folder.Root, "none.safetensors");
        Cli failed = Verify("{max_bytes: 1, bit_equal: [[qat, int_infer]]}", "--ckpt", none, "--junit", junit);
        Assert.Equal(3, failed.ExitCode);
        Assert.Contains(none, failed.Error);
        XElement suite = XDocument.Load(junit).Root!.Element("testsuite")!;
        Assert.Equal(("1", "1"), (suite.Attribute("failures")!.Value, suite.Attribute("errors")!.Value));
        Assert.Contains(none, suite.Descendants("error").Single().Attribute("message")!.Value);
    }

    [Fact]
    public void A_march_that_does_not_support_the_model_breaks_its_limit()
    {
        string artefact = Path.Combine(_folder.Root, "wide", "model.tsr");
        string[] changes = ["--set", "input_size=[64, 16384]"];
        Assert.Equal(0, Cli.Run(["compile", .. run.Config([.. changes, "--out-dir", Path.GetDirectoryName(artefact)!])]).ExitCode);
        Cli failed = Verify("max_estimated_ms: {bernoulli2: 1000, cpu: 1000}", [.. changes, "--artefact", artefact]);
        Assert.Equal(4, failed.ExitCode);
        Assert.Contains("max_estimated_ms.bernoulli2: March bernoulli2 does not support this model: img: tensor-extent", failed.Output);
    }

    [Fact]
    public void Compile_check_only_estimates_the_checkpoint_and_leaves_the_artefact()
    {
        DateTime before = File.GetLastWriteTimeUtc(run.Artefact);
        Cli check = Cli.Run(["compile", "--check-only", "--march", "nash-m", .. run.Config()]);
        Assert.Equal((0, ""), (check.ExitCode, check.Error));
        Assert.Contains("padded layers; all lose ", check.Output);
        Assert.EndsWith("Nothing was written.\n", check.Output);
        Assert.Equal(before, File.GetLastWriteTimeUtc(run.Artefact));
    }

    [Theory]
    [InlineData("max_miou_dorp: 1", "unknown key max_miou_dorp. Did you mean max_miou_drop?")]
    [InlineData("max_latency: {milliseconds: 1, ms: 1}", "unknown key max_latency.milliseconds")]
    [InlineData("max_estimated_ms: {nash-x: 1}", "unknown key max_estimated_ms.nash-x. Did you mean max_estimated_ms.nash-")]
    [InlineData("", "it is empty")]
    [InlineData("# nothing", "sets no limit")]
    [InlineData("{}", "sets no limit")]
    [InlineData("[1]", "a budget is a map of keys")]
    [InlineData("max_latency: {}", "max_latency.ms and ratio_to_onnx_float are both missing")]
    [InlineData("max_latency: 20", "it must be a map of ms, ratio_to_onnx_float or both, such as {ms: 30}")]
    [InlineData("max_estimated_ms: {}", "max_estimated_ms names no march")]
    [InlineData("bit_equal: []", "bit_equal is []; it must be a list of pairs")]
    [InlineData("bit_equal: [[qat, onnx_int]]", "did you mean onnx-int?")]
    [InlineData("bit_equal: [[qat, qat]]", "bit_equal.0 is [qat, qat]; it must be two different ones of")]
    [InlineData("bit_equal: [qat, compiled]", "bit_equal.0 is qat; it must be two different ones of")]
    [InlineData("max_miou_drop: .nan", "max_miou_drop is .nan; it must be a number from 0 to 100")]
    [InlineData("max_bytes: 0", "it must be a whole number of at least 1")]
    public void A_wrong_budget_is_refused_before_anything_is_measured(string text, string expected)
    {
        Cli failed = Verify(text);
        Assert.Equal((2, ""), (failed.ExitCode, failed.Output));
        Assert.Contains(expected, failed.Error);
    }

    private static string Value(string text, string after) => text[(text.IndexOf(after, StringComparison.Ordinal) + after.Length)..].TrimStart().Split(' ', '\n')[0];

    private double MeanIoU(string stage) =>
        double.Parse(Value(Cli.Run(["predict", "--stage", stage, .. run.Config()]).Output, "mean over classes"), System.Globalization.CultureInfo.InvariantCulture);

    private double EstimateOf(string march) => double.Parse(
        Value(Cli.Run(["compile", "--march", march, "--out-dir", Path.Combine(_folder.Root, march), .. run.Config()]).Output, "estimated latency, 1 core"), System.Globalization.CultureInfo.InvariantCulture);

    private Cli Verify(string budget, params string[] others) => Cli.Run(["verify", "--budget", _folder.Write("budget.yaml", budget), .. run.Config(others)]);
}
