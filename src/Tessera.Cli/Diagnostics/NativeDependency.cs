namespace Tessera.Cli.Diagnostics;

/// <summary>A native library that is delivered with this program.</summary>
/// <param name="Id">Its row's key, and the word after <c>--probe</c>.</param>
/// <param name="Name">What a person reads.</param>
/// <param name="Files">Names of its file: Linux, macOS, Windows.</param>
/// <param name="Binding">The managed assembly that calls it.</param>
/// <param name="Packages">Folders of its packages in the NuGet cache.</param>
internal sealed record NativeDependency(string Id, string Name, string[] Files, string Binding, string Packages)
{
    /// <summary>How the file begins that does the work, where the first one only leads to it; else empty.</summary>
    public IReadOnlyList<string> Engine { get; init; } = [];

    /// <summary>libtorch: training, calibration and the QAT form of the network.</summary>
    public static NativeDependency Libtorch { get; } = new(
        "libtorch", "libtorch (TorchSharp)", ["libLibTorchSharp.so", "libLibTorchSharp.dylib", "LibTorchSharp.dll"], "TorchSharp.dll", "{torchsharp,libtorch-cpu*}")
    {
        Engine = ["libtorch_cpu.", "torch_cpu."],
    };

    /// <summary>Skia: image files.</summary>
    public static NativeDependency Skia { get; } = new(
        "skia", "SkiaSharp", ["libSkiaSharp.so", "libSkiaSharp.dylib", "libSkiaSharp.dll"], "SkiaSharp.dll", "skiasharp*");

    /// <summary>ONNX Runtime: the ONNX form of the network.</summary>
    public static NativeDependency OnnxRuntime { get; } = new(
        "onnxruntime", "ONNX Runtime", ["libonnxruntime.so", "libonnxruntime.dylib", "onnxruntime.dll"], "Microsoft.ML.OnnxRuntime.dll", "microsoft.ml.onnxruntime*");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<NativeDependency> All { get; } = [Libtorch, Skia, OnnxRuntime];
}
