using System.Text.Json.Nodes;
using Tessera.Cli.Benchmarking;
using Tessera.Cli.Diagnostics;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Cli.Tests.Benchmarking;

public sealed class BenchCommandTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_checkpoint_it_measures_a_seeded_network_beside_its_peers()
    {
        string json = Path.Combine(_folder.Root, "bench.json");
        Cli run = Bench("--input-shape", "1,3,64,64", "--frames", "3", "--threads", "1,2", "--peers", "float,qdq,integer", "--json", json);
        Assert.True(run.ExitCode == 0, run.Error); // on a busy machine progress is reported there, every half a minute
        Assert.Contains("seeded random parameters, for ", run.Output);
        Assert.Contains("1 thread: Tessera takes ", run.Output);
        Assert.Matches(@"2 threads: Tessera takes \d+\.\d\d ms; \d+\.\d\d times as fast as on one; ONNX Runtime float takes ", run.Output);
        JsonNode root = JsonNode.Parse(File.ReadAllText(json))!;
        Assert.Equal("1x3x64x64", root["input_shape"]!.GetValue<string>());
        JsonNode[] runners = [.. root["runners"]!.AsArray().Select(node => node!)];
        Assert.Equal(["tessera 1", "float 1", "qdq 1", "integer 1", "tessera 2", "float 2", "qdq 2", "integer 2"], runners.Select(Identity));
        foreach (JsonNode runner in runners)
        {
            double[] frames = [.. runner["frame_ms"]!.AsArray().Select(node => node!.GetValue<double>())];
            Assert.Equal(3, frames.Length);
            Assert.Equal(BenchStatistics.Median(frames), runner["median_ms"]!.GetValue<double>());
            Assert.All(frames, milliseconds => Assert.True(milliseconds > 0));
            Assert.True(runner["load_ms"]!.GetValue<double>() > 0 && runner["first_ms"]!.GetValue<double>() > 0);
            Assert.InRange(runner["equal_pixels"]!.GetValue<double>(), runner["id"]!.GetValue<string>() is "tessera" or "integer" ? 1 : 0, 1); // the exact forms are equal in every pixel
        }

        JsonNode[] layers = [.. root["layers"]!.AsArray().Select(node => node!)];
        Assert.Equal(root["macs"]!.GetValue<long>(), layers.Sum(layer => layer["macs"]!.GetValue<long>()));
        Assert.Equal([1, 2], root["peaks"]!.AsArray().Select(peak => peak!["threads"]!.GetValue<int>()));
    }

    [Fact]
    public void An_artefact_decides_the_size_and_needs_no_peers()
    {
        string path = Path.Combine(_folder.Root, "model.tsr");
        var options = new CompileOptions(March.Find("cpu"), OptLevel.O1, [.. ClassTable.Cityscapes.Classes]);
        ArtefactWriter.Write(ModelCompiler.Compile(StageNetwork.Lower(SelfTestNetwork.Create()), options).Compiled, path);
        Cli run = Bench("--artefact", path, "--frames", "1", "--peers", "none");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("unet_mobilenetv1 at 1x3x64x64,", run.Output);
        Assert.Contains("1 round, each runner", run.Output);
        Assert.DoesNotContain("ONNX Runtime", run.Output.Split("artefact ")[0]);
        Fails(ExitCode.Usage, "the artefact reads 64x64", "--artefact", path, "--input-shape", "1,3,64,128");
        File.WriteAllText(path, "no artefact");
        Fails(ExitCode.BadFile, "is not a Tessera artefact", "--artefact", path);
    }

    [Theory]
    [InlineData("--threads is 1,x; expected numbers", "--threads", "1,x")]
    [InlineData("--threads is 0; expected numbers", "--threads", "0")]
    [InlineData("--threads is empty; give it a value", "--threads", "")]
    [InlineData("--threads is ,; expected numbers", "--threads", ",")]
    [InlineData("--peers is float,tvm; expected some of float,qdq,integer, or none", "--peers", "float,tvm")]
    [InlineData("--frames is 0; it must be 1 or more", "--frames", "0")]
    [InlineData("expected four sizes N,C,H,W", "--input-shape", "64,64")]
    [InlineData("N must be 1", "--input-shape", "2,3,64,64")]
    [InlineData("the network reads 3 channels", "--input-shape", "1,4,64,64")]
    [InlineData("divisible by 64", "--input-shape", "1,3,100,64")]
    public void Wrong_options_give_one_message(string expected, params string[] arguments) => Fails(ExitCode.Usage, expected, arguments);

    [Fact]
    public void Lists_are_sorted_and_without_repetition()
    {
        Assert.Equal([1, 2, 8], BenchOptions.ParseThreads("8, 2,1,2"));
        Assert.Equal(["float", "integer"], BenchOptions.ParsePeers("integer,float"));
        Assert.Empty(BenchOptions.ParsePeers("none"));
    }

    private static string Identity(JsonNode runner) => $"{runner["id"]!.GetValue<string>()} {runner["threads"]!.GetValue<int>()}";

    private Cli Bench(params string[] arguments) =>
        Cli.Run(["bench", "-c", Cli.Config("unet_mobilenetv1_cityscapes.yaml"), "--set", $"ckpt_dir={Path.Combine(_folder.Root, "run")}", .. arguments]);

    private void Fails(ExitCode code, string expected, params string[] arguments)
    {
        Cli run = Bench(arguments);
        Assert.Equal(((int)code, ""), (run.ExitCode, run.Output));
        Assert.Contains(expected, run.Error);
    }
}
