namespace Tessera.Onnx.Tests;

/// <summary>
/// Skipped where the processor has neither AVX-VNNI nor AVX-512 VNNI: there ONNX Runtime's kernels of uint8 by int8 add pairs of products in 16 bits and
/// saturate, so that its optimised QDQ form computes something else (docs/onnx.md).
/// </summary>
public sealed class RequiresVnniTheoryAttribute : TheoryAttribute
{
    private const string ProcessorFile = "/proc/cpuinfo";

    public RequiresVnniTheoryAttribute()
    {
        // .NET 10 has no property for AVX-512 VNNI.
        if (!File.Exists(ProcessorFile) || !File.ReadLines(ProcessorFile).Any(line => line.StartsWith("flags", StringComparison.Ordinal) && line.Contains("vnni", StringComparison.Ordinal)))
        {
            Skip = "This processor has no VNNI, without which ONNX Runtime's int8 kernels saturate.";
        }
    }
}
