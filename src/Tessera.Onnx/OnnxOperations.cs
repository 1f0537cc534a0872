using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Onnx.Proto;

namespace Tessera.Onnx;

/// <summary>The ONNX spelling of operations that more than one form writes.</summary>
internal static class OnnxOperations
{
    private const string Region = "/no_region";
    private const int OptionalRegionOpset = 13;

    /// <summary>The attributes of Conv and ConvInteger.</summary>
    public static AttributeProto[] ConvAttributes(ConvGeometry geometry)
    {
        (ConvAxis rows, ConvAxis columns, int groups) = geometry;
        return [OnnxAttribute.Ints("dilations", rows.Dilation, columns.Dilation), OnnxAttribute.Int("group", groups), .. WindowAttributes(rows, columns)];
    }

    /// <summary>The attributes of a window that is not dilated.</summary>
    public static AttributeProto[] WindowAttributes(ConvAxis rows, ConvAxis columns) =>
    [
        OnnxAttribute.Ints("kernel_shape", rows.Kernel, columns.Kernel),
        OnnxAttribute.Ints("pads", rows.Padding, columns.Padding, rows.Padding, columns.Padding),
        OnnxAttribute.Ints("strides", rows.Stride, columns.Stride),
    ];

    /// <summary>The activation that ends a float operation; gives back <paramref name="input"/> where there is none.</summary>
    public static string Activate(this OnnxModelBuilder model, string node, string output, string input, Activation activation) => activation switch
    {
        { IsRelu: false } => input,
        { High: { } high } => model.Node("Clip", node, output, [input, model.SharedFloat("/clip_low", 0), model.SharedFloat($"{node}/high", high)]),
        _ => model.Node("Relu", node, output, [input]),
    };

    /// <summary>The largest value of each window of a float tensor.</summary>
    public static string MaxPool(this OnnxModelBuilder model, string node, string output, string input, ConvAxis rows, ConvAxis columns) =>
        model.Node("MaxPool", node, output, [input], WindowAttributes(rows, columns));

    /// <summary>The channels of several tensors, one after the other.</summary>
    public static string Concat(this OnnxModelBuilder model, string node, string output, ImmutableArray<string> inputs) =>
        model.Node("Concat", node, output, inputs.AsSpan(), OnnxAttribute.Int("axis", 1));

    /// <summary>A float tensor made larger; bilinear with half-pixel centres, where Resize clamps at the edges.</summary>
    public static string Upsample(this OnnxModelBuilder model, string node, string output, string input, int rows, int columns, UpsampleMode mode)
    {
        string scales = $"/scales_1_1_{rows}_{columns}";
        if (!model.Has(scales))
        {
            model.Floats(scales, [4], [1, 1, rows, columns]);
        }

        AttributeProto[] attributes = mode == UpsampleMode.Nearest
            ? [OnnxAttribute.Text("coordinate_transformation_mode", "asymmetric"), OnnxAttribute.Text("mode", "nearest"), OnnxAttribute.Text("nearest_mode", "floor")]
            : [OnnxAttribute.Text("coordinate_transformation_mode", "half_pixel"), OnnxAttribute.Text("mode", "linear")];
        return model.Node("Resize", node, output, [input, NoRegion(model), scales], attributes);
    }

    /// <summary>Resize's region of interest, which neither mode reads: an empty tensor where the operator set wants one, else left out.</summary>
    private static string NoRegion(OnnxModelBuilder model) =>
        model.Opset >= OptionalRegionOpset ? "" : model.Has(Region) ? Region : model.Floats(Region, [0], []);

    /// <summary>The smallest index of the largest channel, as one byte per pixel.</summary>
    public static string ArgMax(this OnnxModelBuilder model, string node, string output, string input)
    {
        AttributeProto[] attributes = [OnnxAttribute.Int("axis", 1), OnnxAttribute.Int("keepdims", 1)];

        // Before operator set 12 there was no choice, and runtimes took the first.
        string index = model.Node("ArgMax", node, $"{node}/index", [input], [.. attributes, .. model.Opset >= 12 ? [OnnxAttribute.Int("select_last_index", 0)] : Array.Empty<AttributeProto>()]);
        return model.Cast($"{node}/byte", output, index, TensorProto.Types.DataType.Uint8);
    }

    /// <summary>Conversion to another element type.</summary>
    public static string Cast(this OnnxModelBuilder model, string node, string output, string input, TensorProto.Types.DataType type) =>
        model.Node("Cast", node, output, [input], OnnxAttribute.Int("to", (int)type));
}
