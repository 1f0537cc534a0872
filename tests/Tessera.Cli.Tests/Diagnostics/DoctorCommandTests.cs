using System.Text.Json;
using System.Text.Json.Nodes;
using Tessera.Cli.Diagnostics;
using Tessera.Cli.Terminal;
using Tessera.Core;

namespace Tessera.Cli.Tests.Diagnostics;

public sealed class DoctorCommandTests
{
    [Fact]
    public void On_this_machine_every_runner_computes_the_same_and_the_output_is_JSON_alone()
    {
        Cli run = Cli.Run("doctor", "--json");
        JsonNode root = JsonNode.Parse(run.Output)!;
        Assert.Equal(root["demo_can_run"]!.GetValue<bool>() ? 0 : 1, run.ExitCode);
        Dictionary<string, JsonNode> rows = root["checks"]!.AsArray().ToDictionary(check => check!["id"]!.GetValue<string>(), check => check!);
        foreach (string id in new[] { "dotnet", "skia", "onnxruntime", "libtorch", "selftest.rounding", "selftest.compiled", "selftest.libtorch", "selftest.onnxruntime" })
        {
            Assert.True(rows[id]["state"]!.GetValue<string>() == "ok", rows[id].ToJsonString());
        }

        Assert.Equal(0, rows["selftest.onnxruntime"]["details"]!["differing"]!.GetValue<long>());
        Assert.StartsWith("1.", rows["onnxruntime"]["details"]!["version"]!.GetValue<string>());
    }

    [Fact]
    public void JSON_keeps_its_keys()
    {
        JsonObject root = JsonNode.Parse(DiagnosisReport.ToJson(Diagnosis.Judge(FakeMachine.Healthy)))!.AsObject();
        Assert.Equal(["version", "demo_can_run", "checks"], root.Select(pair => pair.Key));
        JsonObject[] checks = [.. root["checks"]!.AsArray().Select(check => check!.AsObject())];
        Assert.All(checks, check => Assert.Equal(["id", "name", "state", "found", "remedy", "details"], check.Select(pair => pair.Key)));
        Dictionary<string, string> details = checks.ToDictionary(check => check["id"]!.GetValue<string>(), check => string.Join(' ', check["details"]!.AsObject().Select(pair => pair.Key)));
        Assert.Equal("total_bytes available_bytes container_limit_bytes", details["memory"]);
        Assert.Equal("name cores instructions switches kernels", details["processor"]);
        Assert.Equal("file newest needed", details["libstdcxx"]);
        Assert.Equal("file engine version loads fault", details["libtorch"]);
        Assert.Equal("compared differing", details["selftest.compiled"]);
        Assert.Equal(JsonValueKind.Null, checks[0]["remedy"]?.GetValueKind() ?? JsonValueKind.Null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_blocked_demo_ends_with_exit_code_1_and_names_the_rows(bool asJson)
    {
        MachineFacts machine = FakeMachine.Healthy with { Memory = new MemoryFacts(ByteCount.GiB, ByteCount.MiB, null), Temp = new FolderFacts("/tmp", 0, null) };
        using var output = new StringWriter();
        using var error = new StringWriter();
        WorkException fault = Assert.Throws<WorkException>(() => DiagnosisReport.Write(new CommandConsole(output, error), Diagnosis.Judge(machine), asJson));
        Assert.Equal(ExitCode.Failed, ExitCodes.Of(fault));
        Assert.StartsWith("The demo cannot run here because of: memory.", fault.Message);
        Assert.Equal(asJson, output.ToString().TrimStart().StartsWith('{'));
        Assert.False(asJson && JsonNode.Parse(output.ToString())!["demo_can_run"]!.GetValue<bool>());
    }

    [Fact]
    public void The_table_has_a_row_for_each_check_and_the_remedy_below_what_was_found()
    {
        MachineFacts machine = FakeMachine.Healthy with { Processor = new ProcessorFacts("A [Special] CPU", 1, ["AVX2"], [], "avx2 (also scalar)") };
        using var output = new StringWriter { NewLine = "\n" };
        DiagnosisReport.Write(new CommandConsole(output, TextWriter.Null), Diagnosis.Judge(machine), asJson: false);
        Assert.Matches(@"processor +warning +A \[Special\] CPU, 1 core: AVX2; kernels avx2 \(also scalar\) *\n +→ with one core", output.ToString());
        Assert.Matches(@"\n  libtorch \(TorchSharp\) +ok +1\.2\.3, /app/libLibTorchSharp\.so", output.ToString());
        Assert.EndsWith("The demo can run here: 16 of 17 checks are ok, 1 is a warning.\n", output.ToString());
    }

    [Fact]
    public void An_unknown_library_to_probe_is_a_wrong_argument()
    {
        Cli run = Cli.Run("doctor", "--probe", "libc");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("use libtorch, skia, onnxruntime", run.Error);
    }
}
