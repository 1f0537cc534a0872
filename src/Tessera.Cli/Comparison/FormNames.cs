using Tessera.Cli.Pipeline;
using Tessera.Core;

namespace Tessera.Cli.Comparison;

/// <summary>What the forms of a network are called on the command line and in budgets.</summary>
internal static class FormNames
{
    /// <summary>The float checkpoint on libtorch.</summary>
    public const string Float = "float";

    /// <summary>The calibrated checkpoint on libtorch.</summary>
    public const string Calibration = "calibration";

    /// <summary>The QAT checkpoint on libtorch.</summary>
    public const string Qat = "qat";

    /// <summary>Float ONNX in ONNX Runtime.</summary>
    public const string OnnxFloat = "onnx-float";

    /// <summary>QDQ ONNX in ONNX Runtime.</summary>
    public const string OnnxQdq = "onnx-qdq";

    /// <summary>Integer ONNX in ONNX Runtime.</summary>
    public const string OnnxInt = "onnx-int";

    /// <summary>All forms, in the order of the pipeline.</summary>
    public static IReadOnlyList<string> All { get; } = [Float, Calibration, Qat, Predictors.IntInfer, Predictors.Compiled, OnnxFloat, OnnxQdq, OnnxInt];

    /// <summary>The forms of one QAT checkpoint, which promise the same integers.</summary>
    public static IReadOnlyList<string> Exact { get; } = [Qat, Predictors.IntInfer, Predictors.Compiled, OnnxInt];

    /// <summary>The forms in real numbers.</summary>
    public static IReadOnlyList<string> Real { get; } = [Float, OnnxFloat];

    /// <summary>Passes for the name of a form.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static void Require(string name)
    {
        if (!All.Contains(name))
        {
            throw new UsageException($"{name} is no form of a network; it must be {string.Join(", ", All.SkipLast(1))} or {All[^1]}.");
        }
    }
}
