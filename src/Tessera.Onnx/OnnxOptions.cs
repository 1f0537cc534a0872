using Tessera.Core;

namespace Tessera.Onnx;

/// <summary>How a network is written as ONNX, in whatever form.</summary>
public record OnnxOptions
{
    /// <summary>The name of the output that <see cref="Logits"/> adds.</summary>
    public const string LogitsOutput = "logits";

    /// <summary>The first operator set with every operation that is used here (Resize by half-pixel centres, Clip with inputs, Round).</summary>
    public const int LeastOpset = 11;

    /// <summary>The operator set that is written by default; all runtimes have read it since 2022.</summary>
    public const int DefaultOpset = 17;

    /// <summary>The operator set, 11 to 17.</summary>
    /// <exception cref="UsageException">It is another one.</exception>
    public int Opset
    {
        get;
        init => field = value is >= LeastOpset and <= DefaultOpset ? value : throw new UsageException($"Operator set {value} cannot be written; use one from {LeastOpset} to {DefaultOpset}.");
    } = DefaultOpset;

    /// <summary>The file takes any number of images at once, its first dimension named <c>N</c>; else as many as the network's input has, one in a program.</summary>
    public bool DynamicBatch { get; init; }

    /// <summary>Also the logits that the class map is taken from, as the output <see cref="LogitsOutput"/>; real units in the float and QDQ forms, int8 in the integer form.</summary>
    public bool Logits { get; init; }
}

/// <summary>How a network is written in QDQ form: toolchains want it in different shapes.</summary>
public sealed record QdqOnnxOptions : OnnxOptions
{
    /// <summary>Biases are float32 constants instead of int32 ones with a DequantizeLinear, which TensorRT refuses. They have the same values, so the function is the same.</summary>
    public bool FloatBias { get; init; }

    /// <summary>
    /// A ReLU follows its convolution without QuantizeLinear and DequantizeLinear between them, as TensorRT fuses them; else they stand there too, at the same scale,
    /// as ONNX Runtime needs it for its int8 kernels. No value depends on it.
    /// </summary>
    public bool FusedRelu { get; init; }
}

/// <summary>How an integer program is written.</summary>
public sealed record IntegerOnnxOptions : OnnxOptions
{
    /// <summary>Every tensor that an instruction writes is an output too, under its tensor name: for a comparison layer by layer.</summary>
    public bool AllTensors { get; init; }
}
