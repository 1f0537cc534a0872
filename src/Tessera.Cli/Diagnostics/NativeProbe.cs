using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Tessera.Cli.Alignment;
using Tessera.Cli.Pipeline;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;

namespace Tessera.Cli.Diagnostics;

/// <summary>
/// The child's side of a probe: loads one native library and computes with it. It runs in a process of its own, because a library that
/// was built for another processor, or a damaged one, ends its process. It says after each step how that went.
/// </summary>
internal static class NativeProbe
{
    /// <summary>Loads, computes, and writes a line after each.</summary>
    /// <param name="id">Which library: <see cref="NativeDependency.Id"/>.</param>
    /// <param name="output">Where the lines go.</param>
    /// <exception cref="UsageException">There is no such library.</exception>
    public static void Run(string id, TextWriter output)
    {
        NativeDependency dependency = NativeDependency.All.FirstOrDefault(one => one.Id == id)
            ?? throw new UsageException($"--probe is {id}; use {string.Join(", ", NativeDependency.All.Select(one => one.Id))}.");
        LoadReport load = Load(dependency);
        Write(output, ProbeResult.LoadMark, load);
        if (load.File is not null && load.Fault is null)
        {
            Write(output, ProbeResult.ComputeMark, Compute(dependency));
        }
    }

    private static void Write<T>(TextWriter output, string mark, T report) => output.WriteLine(mark + JsonSerializer.Serialize(report));

    private static LoadReport Load(NativeDependency dependency)
    {
        string? file = NativeFile.Find(dependency.Files);
        if (file is null)
        {
            return new LoadReport(null, null, null);
        }

        try
        {
            // Loaded by its path, because the bindings' own messages leave out the loader's reason.
            NativeLibrary.Load(file);
        }
        catch (Exception fault) when (fault is DllNotFoundException or BadImageFormatException)
        {
            return new LoadReport(file, fault.Message, null);
        }

        string? version = dependency == NativeDependency.OnnxRuntime ? OrtEnv.Instance().GetVersionString() : BindingVersion(dependency);
        return new LoadReport(file, null, version, dependency.Engine.Select(LoadedFiles.Named).FirstOrDefault(engine => engine is not null));
    }

    /// <summary>Skia and libtorch do not name their versions; each binding is built for one.</summary>
    private static string? BindingVersion(NativeDependency dependency)
    {
        string file = Path.Combine(AppContext.BaseDirectory, dependency.Binding);
        return File.Exists(file) ? FileVersionInfo.GetVersionInfo(file).ProductVersion?.Split('+')[0] : null;
    }

    private static ComputeReport Compute(NativeDependency dependency)
    {
        try
        {
            return dependency == NativeDependency.Skia ? RoundTrip() : new ComputeReport(null, SelfTestOutputs(dependency));
        }
        catch (Exception fault) when (fault is TesseraException or TypeInitializationException or DllNotFoundException or EntryPointNotFoundException)
        {
            return new ComputeReport(fault.GetBaseException().Message, []);
        }
    }

    private static ComputeReport RoundTrip()
    {
        const int Size = 8;
        byte[] pixels = [.. Enumerable.Range(0, Size * Size * 3).Select(i => (byte)(i * 37))];
        RgbImage read = ImageFile.DecodeRgb(ImageFile.EncodeRgb(pixels, Size, Size), "PNG of the self-test");
        return new ComputeReport(read.Pixels.AsSpan().SequenceEqual(pixels) ? null : "a PNG that was written and read back has other pixels", []);
    }

    private static IReadOnlyList<ComputedOutput> SelfTestOutputs(NativeDependency dependency)
    {
        Network network = SelfTestNetwork.Create();
        using IRunner runner = dependency == NativeDependency.Libtorch ? new QatRunner(network) : new OnnxRunner(StageNetwork.Lower(network), SelfTestNetwork.OnnxMetadata);
        RunnerOutput[] outputs = runner.Run(SelfTestNetwork.Images(), SelfTestNetwork.ImageCount, SelfTestNetwork.Size, SelfTestNetwork.Size);
        return [.. outputs.Select(ComputedOutput.Of)];
    }
}
