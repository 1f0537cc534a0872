using Tessera.Onnx.Proto;

namespace Tessera.Onnx;

/// <summary>The ONNX spelling of operations that more than one form writes.</summary>
internal static class OnnxOperations
{
    private const string ScalesOfTwo = "/scales_1_1_2_2";

    /// <summary>The attributes of Conv and ConvInteger for a square kernel with equal padding on all sides.</summary>
    public static AttributeProto[] ConvAttributes(int kernel, int stride, int padding, int groups) =>
    [
        OnnxAttribute.Ints("dilations", 1, 1),
        OnnxAttribute.Int("group", groups),
        OnnxAttribute.Ints("kernel_shape", kernel, kernel),
        OnnxAttribute.Ints("pads", padding, padding, padding, padding),
        OnnxAttribute.Ints("strides", stride, stride),
    ];

    /// <summary>Bilinear ×2 of a float tensor, half-pixel centres; Resize clamps at the edges.</summary>
    public static string Upsample2x(this OnnxModelBuilder model, string node, string output, string input)
    {
        if (!model.Has(ScalesOfTwo))
        {
            model.Floats(ScalesOfTwo, [4], [1, 1, 2, 2]);
        }

        return model.Node("Resize", node, output, [input, "", ScalesOfTwo],
            OnnxAttribute.Text("coordinate_transformation_mode", "half_pixel"), OnnxAttribute.Text("mode", "linear"));
    }

    /// <summary>The smallest index of the largest channel, as one byte per pixel.</summary>
    public static string ArgMax(this OnnxModelBuilder model, string node, string output, string input)
    {
        string index = model.Node("ArgMax", node, $"{node}/index", [input],
            OnnxAttribute.Int("axis", 1), OnnxAttribute.Int("keepdims", 1), OnnxAttribute.Int("select_last_index", 0));
        return model.Cast($"{node}/byte", output, index, TensorProto.Types.DataType.Uint8);
    }

    /// <summary>Conversion to another element type.</summary>
    public static string Cast(this OnnxModelBuilder model, string node, string output, string input, TensorProto.Types.DataType type) =>
        model.Node("Cast", node, output, [input], OnnxAttribute.Int("to", (int)type));
}
