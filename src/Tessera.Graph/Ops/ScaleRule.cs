namespace Tessera.Graphs;

/// <summary>Where the int8 scale of an operation's output comes from. Calibration and lowering follow it; the exact integer form rests on it.</summary>
public enum ScaleRule
{
    /// <summary>The image's scale, 1/128, which is fixed.</summary>
    Image,

    /// <summary>A scale of its own, found by calibration.</summary>
    Own,

    /// <summary>The scale of the input: the operation only moves or averages values.</summary>
    OfInput,

    /// <summary>One scale with all inputs, which thereby share it: the operation puts their values side by side.</summary>
    Shared,

    /// <summary>The output is no int8 tensor.</summary>
    None,

    /// <summary>The operation has no integer form; preparation folds or fuses it into another.</summary>
    FloatOnly,
}
