using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>Writes a compilation as JSON, for programs that compare compilations. Bytes and milliseconds are exact figures, not rounded ones.</summary>
public static class ReportJson
{
    /// <summary>The report. The same compilation always gives the same text.</summary>
    public static string Write(CompilationResult result)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("model", result.Compiled.Program.Name);
            WriteProvenance(json, result);
            WriteSummary(json, result.Estimate);
            WriteMemory(json, result.Memory);
            WriteStrings(json, "remarks", result.Check.Remarks);
            WriteStrings(json, "classes", [.. result.Compiled.Info.Classes.Select(entry => entry.Name)]);
            WriteLayers(json, result.Estimate.Layers);
            WriteTensors(json, result.Compiled);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteProvenance(Utf8JsonWriter json, CompilationResult result)
    {
        json.WriteStartObject("provenance");
        json.WriteString("toolVersion", result.Compiled.Info.ToolVersion);
        json.WriteString("march", result.Compiled.Info.March);
        json.WriteNumber("optLevel", result.Compiled.Info.OptLevel);
        json.WriteString("programSha256", ProgramHash.Of(result.Compiled.Program));
        json.WriteString("basis", result.Estimate.Basis);
        json.WriteEndObject();
    }

    private static void WriteSummary(Utf8JsonWriter json, PerformanceEstimate estimate)
    {
        json.WriteStartObject("summary");
        json.WriteNumber("latencyMilliseconds", estimate.LatencyMilliseconds);
        json.WriteNumber("framesPerSecond", estimate.FramesPerSecond);
        json.WriteNumber("pipelinedFramesPerSecond", estimate.PipelinedFramesPerSecond);
        WriteOptional(json, "measuredMilliseconds", estimate.MeasuredMilliseconds);
        json.WriteNumber("macs", estimate.Macs);
        json.WriteNumber("vectorOperations", estimate.VectorOperations);
        json.WriteNumber("ddrBytesPerFrame", estimate.DdrBytes);
        json.WriteNumber("loadedBytesPerFrame", estimate.LoadedBytes);
        json.WriteNumber("storedBytesPerFrame", estimate.StoredBytes);
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, MemoryReport memory)
    {
        json.WriteStartObject("memory");
        json.WriteNumber("staticBytes", memory.StaticBytes);
        json.WriteNumber("dynamicBytes", memory.ArenaBytes);
        json.WriteNumber("minimumBytes", memory.MinimumBytes);
        json.WriteNumber("inputBytes", memory.InputBytes);
        json.WriteNumber("outputBytes", memory.OutputBytes);
        json.WriteNumber("lowerBoundBytes", memory.LowerBoundBytes);
        json.WriteNumber("anyOrderBoundBytes", memory.AnyOrderBoundBytes);
        json.WriteStartArray("levels");
        foreach (LevelMemory level in memory.Levels)
        {
            json.WriteStartObject();
            json.WriteNumber("optLevel", (int)level.Level);
            json.WriteNumber("arenaBytes", level.ArenaBytes);
            json.WriteNumber("lowerBoundBytes", level.LowerBoundBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLayers(Utf8JsonWriter json, ImmutableArray<InstructionEstimate> layers)
    {
        json.WriteStartArray("layers");
        foreach (InstructionEstimate layer in layers)
        {
            json.WriteStartObject();
            json.WriteString("name", layer.Name);
            json.WriteString("kind", layer.Kind.Label());
            json.WriteNumber("height", layer.Output.Height);
            json.WriteNumber("width", layer.Output.Width);
            json.WriteNumber("channels", layer.Output.Channels);
            json.WriteNumber("macs", layer.Macs);
            json.WriteNumber("vectorOperations", layer.VectorOperations);
            json.WriteNumber("weightBytes", layer.WeightBytes);
            json.WriteNumber("loadedBytes", layer.LoadedBytes);
            json.WriteNumber("storedBytes", layer.StoredBytes);
            json.WriteNumber("utilisation", layer.Utilisation);
            json.WriteNumber("computeMilliseconds", layer.ComputeMilliseconds);
            json.WriteNumber("memoryMilliseconds", layer.MemoryMilliseconds);
            json.WriteNumber("milliseconds", layer.Milliseconds);
            json.WriteString("bound", layer.Bound == TimeBound.Compute ? "compute" : "memory");
            WriteOptional(json, "measuredMilliseconds", layer.MeasuredMilliseconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTensors(Utf8JsonWriter json, CompiledProgram compiled)
    {
        TensorLifetime[] lifetimes = TensorLifetime.Of(compiled.Program);
        json.WriteStartArray("tensors");
        for (int i = 0; i < lifetimes.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("name", compiled.Program.Tensors[i].Name);
            json.WriteNumber("offset", compiled.Memory.Offsets[i]);
            json.WriteNumber("bytes", compiled.Program.Tensors[i].Count);
            json.WriteNumber("firstStep", lifetimes[i].First);
            json.WriteNumber("lastStep", lifetimes[i].Last);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, ImmutableArray<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
