namespace Tessera.Architecture.Tests;

/// <summary>Who may see whom: the architecture, as data. docs/architecture.md says why.</summary>
public static class AllowedReferences
{
    /// <summary>For each project, exactly the projects it references.</summary>
    public static IReadOnlyDictionary<string, string[]> Projects { get; } = new Dictionary<string, string[]>
    {
        ["Tessera.Core"] = [],
        ["Tessera.Imaging"] = ["Tessera.Core"],
        ["Tessera.Recipes"] = [],
        ["Tessera.Graph"] = ["Tessera.Core", "Tessera.Recipes"],
        ["Tessera.Program"] = ["Tessera.Core", "Tessera.Imaging"],
        ["Tessera.Runtime"] = ["Tessera.Core", "Tessera.Imaging", "Tessera.Program"],
        ["Tessera.Quantization"] = ["Tessera.Core", "Tessera.Graph", "Tessera.Program", "Tessera.Recipes"],
        ["Tessera.Compiler"] = ["Tessera.Core", "Tessera.Imaging", "Tessera.Program"],
        ["Tessera.Onnx"] = ["Tessera.Core", "Tessera.Graph", "Tessera.Imaging", "Tessera.Program", "Tessera.Quantization"],
        ["Tessera.Data"] = ["Tessera.Core", "Tessera.Imaging", "Tessera.Recipes"],
        ["Tessera.Synthetic"] = ["Tessera.Core", "Tessera.Data"],
        ["Tessera.Training"] = ["Tessera.Core", "Tessera.Data", "Tessera.Graph", "Tessera.Imaging", "Tessera.Quantization", "Tessera.Recipes"],
        ["Tessera.Cli"] =
        [
            "Tessera.Compiler", "Tessera.Core", "Tessera.Data", "Tessera.Graph", "Tessera.Imaging", "Tessera.Onnx", "Tessera.Program", "Tessera.Quantization",
            "Tessera.Recipes", "Tessera.Runtime", "Tessera.Synthetic", "Tessera.Training",
        ],
    };

    /// <summary>For each project, the packages it may name; a project that is not listed may name none.</summary>
    public static IReadOnlyDictionary<string, string[]> Packages { get; } = new Dictionary<string, string[]>
    {
        ["Tessera.Onnx"] = ["Google.Protobuf", "Grpc.Tools"],
        ["Tessera.Data"] = ["MessagePack", "SkiaSharp", "SkiaSharp.NativeAssets.Linux.NoDependencies"],
        ["Tessera.Training"] = ["TorchSharp-cpu"],
        ["Tessera.Cli"] = ["Microsoft.ML.OnnxRuntime", "Spectre.Console", "System.CommandLine", "YamlDotNet"],
    };

    /// <summary>For each project, the assemblies of those packages that its code may use.</summary>
    public static IReadOnlyDictionary<string, string[]> PackageAssemblies { get; } = new Dictionary<string, string[]>
    {
        ["Tessera.Onnx"] = ["Google.Protobuf"],
        ["Tessera.Data"] = ["MessagePack", "MessagePack.Annotations", "SkiaSharp"],
        ["Tessera.Training"] = ["TorchSharp"],
        ["Tessera.Cli"] =
            ["Microsoft.ML.OnnxRuntime", "Spectre.Console", "Spectre.Console.Ansi", "System.CommandLine", "YamlDotNet"],
    };
}
