namespace Tessera.Onnx;

/// <summary>The three forms in which a network is written as ONNX; <c>docs/onnx.md</c> says what each guarantees.</summary>
internal enum OnnxForm
{
    /// <summary>Float32 arithmetic.</summary>
    Float,

    /// <summary>QuantizeLinear/DequantizeLinear around float operations; a runtime may fuse them and round otherwise.</summary>
    Qdq,

    /// <summary>The integer arithmetic itself, the same int8 in every element.</summary>
    Integer,
}
