namespace Tessera.Quantization.Analysis;

/// <summary>What is wrong with a quantized layer.</summary>
public enum LayerVerdict
{
    /// <summary>It costs nothing that matters.</summary>
    Nothing,

    /// <summary>Most of its error comes from values beyond the ends of int8: its range is too narrow.</summary>
    Clips,

    /// <summary>Most of its error comes from rounding its output: its range is wide for its values.</summary>
    Rounds,

    /// <summary>Most of its error comes from rounding or clipping its weights.</summary>
    Weights,

    /// <summary>Most of its error comes from rounding its biases: a step of its accumulator is coarse.</summary>
    Bias,

    /// <summary>A quarter of its channels or more are always 0.</summary>
    Dead,
}
