using System.Text.Json;

namespace Tessera.Compiler.Tests.Reports;

public class ReportJsonTests
{
    [Fact]
    public void Totals_equal_the_sums_of_the_layers()
    {
        CompilationResult result = ModelCompiler.Compile(RealNetwork.Deploy, RealNetwork.Options("nash-b", OptLevel.O2));
        using JsonDocument json = JsonDocument.Parse(ReportJson.Write(result));
        JsonElement summary = json.RootElement.GetProperty("summary");
        JsonElement[] layers = [.. json.RootElement.GetProperty("layers").EnumerateArray()];
        long Sum(string name) => layers.Sum(layer => layer.GetProperty(name).GetInt64());
        Assert.Equal(63, layers.Length);
        Assert.Equal(3_679_846_400, summary.GetProperty("macs").GetInt64());
        Assert.Equal(Sum("macs"), summary.GetProperty("macs").GetInt64());
        Assert.Equal(Sum("loadedBytes") + Sum("weightBytes"), summary.GetProperty("loadedBytesPerFrame").GetInt64());
        Assert.Equal(Sum("storedBytes"), summary.GetProperty("storedBytesPerFrame").GetInt64());
        Assert.Equal(Sum("loadedBytes") + Sum("weightBytes") + Sum("storedBytes"), summary.GetProperty("ddrBytesPerFrame").GetInt64());
        Assert.Equal(layers.Sum(layer => layer.GetProperty("milliseconds").GetDouble()), summary.GetProperty("latencyMilliseconds").GetDouble(), 1e-9);
        JsonElement memory = json.RootElement.GetProperty("memory");
        Assert.Equal(Sum("weightBytes"), memory.GetProperty("staticBytes").GetInt64());
        Assert.Equal(memory.GetProperty("staticBytes").GetInt64() + memory.GetProperty("dynamicBytes").GetInt64(), memory.GetProperty("minimumBytes").GetInt64());
        Assert.Equal([0, 1, 2], memory.GetProperty("levels").EnumerateArray().Select(level => level.GetProperty("optLevel").GetInt32()));
    }

    [Fact]
    public void Provenance_and_plan_are_complete()
    {
        CompilationResult result = ModelCompiler.Compile(RealNetwork.Deploy, RealNetwork.Options("cpu", OptLevel.O1));
        using JsonDocument json = JsonDocument.Parse(ReportJson.Write(result));
        JsonElement provenance = json.RootElement.GetProperty("provenance");
        Assert.Equal("cpu", provenance.GetProperty("march").GetString());
        Assert.Equal(1, provenance.GetProperty("optLevel").GetInt32());
        Assert.Equal(ModelCompiler.ToolVersion, provenance.GetProperty("toolVersion").GetString());
        Assert.Equal(ProgramHash.Of(result.Compiled.Program), provenance.GetProperty("programSha256").GetString());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("summary").GetProperty("measuredMilliseconds").ValueKind);
        Assert.Equal(result.Compiled.Memory.Offsets, json.RootElement.GetProperty("tensors").EnumerateArray().Select(tensor => tensor.GetProperty("offset").GetInt32()));
    }

    [Fact]
    public void Measured_times_appear_beside_the_estimate()
    {
        CompilationResult result = ModelCompiler.Compile(RandomPrograms.UpsampleAndArgMax(2), new CompileOptions(March.Find("cpu"), OptLevel.O2, RandomPrograms.Classes("a", "b")))
            .WithMeasured("avx2", [new MeasuredLayer("up", 1.5), new MeasuredLayer("classes", 0.25)]);
        using JsonDocument json = JsonDocument.Parse(ReportJson.Write(result));
        Assert.Equal(1.75, json.RootElement.GetProperty("summary").GetProperty("measuredMilliseconds").GetDouble());
        Assert.Equal(1.5, json.RootElement.GetProperty("layers")[0].GetProperty("measuredMilliseconds").GetDouble());
    }
}
