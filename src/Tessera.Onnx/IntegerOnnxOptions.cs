namespace Tessera.Onnx;

/// <summary>What an integer ONNX model gives out besides the program's own outputs.</summary>
public sealed record IntegerOnnxOptions
{
    /// <summary>Also the int8 logits that each class map is taken from, under their tensor names.</summary>
    public bool Logits { get; init; }

    /// <summary>Every tensor that an instruction writes, under its tensor name: for a comparison layer by layer.</summary>
    public bool AllTensors { get; init; }
}
