using System.Text.Json.Nodes;
using Tessera.Cli.Benchmarking;
using Tessera.Cli.Terminal;

namespace Tessera.Cli.Tests.Benchmarking;

public sealed class BenchReportTests
{
    private static readonly BenchResult Fake = new()
    {
        Machine = new BenchMachine("Fast 9000", 2, "0.1.0", "fastest", "10.0.1", "1.2.3"),
        Network = "net",
        InputShape = "1x3x64x128",
        Origin = "made up",
        Macs = 30_000_000,
        Runners =
        [
            new("tessera", "Tessera", 1, [2, 20, 4], new ColdStart(12.34, 5.67, 8_900_000), 1),
            new("float", "ONNX Runtime float", 1, [6, 60, 12], new ColdStart(50, 20, null), 0.875),
            new("tessera", "Tessera", 2, [1, 10, 2], null, 1),
            new("qdq", "ONNX Runtime int8 (QDQ)", 4, [8, 8, 8], null, 0.5),
        ],
        Peaks = [new(1, "AVX2, 256 bits", 200e9, 10e9, 100e9), new(2, "AVX2, 256 bits", 400e9, 12e9, 200e9)],
        Layers =
        [
            new("stem", "stem kernel", "32x64x8", 1, 20_000_000, 50_000),
            new("[odd]", "fused", "32x64x8", 0, 10_000_000, 5_000),
            new("classes", "argmax", "16x32x1", 3, 0, 6_000),
        ],
        LayerThreads = 1,
        Remarks = ["nothing is real"],
    };

    [Fact]
    public void The_tables_show_times_ratios_rates_and_the_machine()
    {
        using var output = new StringWriter { NewLine = "\n" };
        BenchReport.Write(new CommandConsole(output, TextWriter.Null), Fake);
        string text = output.ToString();
        Assert.StartsWith("Fast 9000, 2 cores; Tessera 0.1.0 with kernels fastest; .NET 10.0.1; ONNX Runtime 1.2.3\nnet at 1x3x64x128, image in, class map out; 0.030000 G multiply-adds; made up\n", text);
        Assert.Contains("3 rounds, each runner one frame in each round", text);
        Assert.Matches(@"Tessera +1 +4\.00 +20\.00 +250\.0 +1\.00 +12\.3 +5\.7 +8\.9 +100\.00 %", text);
        Assert.Matches(@"ONNX Runtime float +1 +12\.00 +60\.00 +83\.3 +3\.00 +50\.0 +20\.0 +- +87\.50 %", text);
        Assert.Matches(@"ONNX Runtime int8 \(QDQ\) +4 +8\.00 +8\.00 +125\.0 +- +- +- +- +50\.00 %", text);
        Assert.Matches(@"1 thread, AVX2, 256 bits +200 +10\.0 +100", text);
        Assert.Matches(@"classes +argmax +16x32x1 +3\.000 +75\.0 % +- +- +0\.0 +0 %", text);
        Assert.Matches(@"stem +stem kernel +32x64x8 +1\.000 +25\.0 % +20\.0 +10\.0 % +0\.1 +1 %", text);
        Assert.Matches(@"\[odd\] +fused +32x64x8 +0\.000 +0\.0 % +- +- +- +-", text);
        Assert.Matches(@"all +4\.000 +100\.0 % +7\.5 ", text);
        Assert.Contains("remark: nothing is real\n", text);
        Assert.Contains("1 thread: Tessera takes 4.00 ms; ONNX Runtime float takes 3.00 times as long.\n", text);
        Assert.Contains("2 threads: Tessera takes 2.00 ms; 2.00 times as fast as on one.\n", text);
    }

    [Fact]
    public void JSON_keeps_its_keys()
    {
        JsonObject root = JsonNode.Parse(BenchJson.Write(Fake))!.AsObject();
        Assert.Equal(["machine", "network", "input_shape", "origin", "macs", "runners", "peaks", "layer_threads", "layers", "remarks"], Keys(root));
        Assert.Equal(["processor", "cores", "tessera", "kernels", "dotnet", "onnxruntime"], Keys(root["machine"]!));
        JsonNode runner = root["runners"]![1]!;
        Assert.Equal(
            ["id", "name", "threads", "median_ms", "p99_ms", "least_ms", "frames_per_second", "times_tessera", "load_ms", "first_ms", "peak_memory_bytes", "equal_pixels", "frame_ms"], Keys(runner));
        Assert.Equal((12, 3), (runner["median_ms"]!.GetValue<double>(), runner["times_tessera"]!.GetValue<double>()));
        Assert.Equal(["threads", "instructions", "macs_per_second", "memory_bytes_per_second", "cache_bytes_per_second"], Keys(root["peaks"]![0]!));
        Assert.Equal(["name", "kernel", "shape", "ms", "macs", "bytes", "macs_per_second", "bytes_per_second"], Keys(root["layers"]![0]!));
        Assert.Null(root["layers"]![1]!["macs_per_second"]);
    }

    private static IEnumerable<string> Keys(JsonNode node) => node.AsObject().Select(pair => pair.Key);
}
