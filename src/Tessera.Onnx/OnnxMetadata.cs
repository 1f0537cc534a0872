using System.Collections.Immutable;
using Tessera.Imaging;

namespace Tessera.Onnx;

/// <summary>What an ONNX file says about itself, in its documentation string and its <c>metadata_props</c>.</summary>
/// <param name="ToolVersion">The version of Tessera that writes the file.</param>
/// <param name="Stage">The stage whose parameters it holds: <c>float</c>, <c>calibration</c>, <c>qat</c> or <c>int_infer</c>.</param>
/// <param name="ClassNames">Names of the classes, by train id.</param>
public sealed record OnnxMetadata(string ToolVersion, string Stage, ImmutableArray<string> ClassNames)
{
    /// <summary>Key of the tool's version in <c>metadata_props</c>.</summary>
    public const string VersionKey = "tessera.version";

    /// <summary>Key of the stage in <c>metadata_props</c>.</summary>
    public const string StageKey = "tessera.stage";

    /// <summary>Key of the file's form in <c>metadata_props</c>: <c>float</c>, <c>qdq</c> or <c>integer</c>.</summary>
    public const string FormKey = "tessera.form";

    /// <summary>Key of the input convention in <c>metadata_props</c>: one sentence.</summary>
    public const string InputKey = "tessera.input";

    /// <summary>Key of the class names in <c>metadata_props</c>: a JSON array of strings, by train id.</summary>
    public const string ClassesKey = "tessera.classes";

    /// <summary>Key of the scale of int8 logits in <c>metadata_props</c>: a logit in real units is this times its int8 value.</summary>
    public const string LogitsScaleKey = "tessera.logits_scale";

    /// <summary>The conversion from RGB with which the network was trained.</summary>
    public YuvSwing Swing { get; init; } = YuvSwing.Full;
}
