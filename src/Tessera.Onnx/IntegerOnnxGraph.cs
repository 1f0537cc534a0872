using Tessera.Core;
using Tessera.Onnx.Proto;
using Tessera.Programs;
using DataType = Tessera.Onnx.Proto.TensorProto.Types.DataType;

namespace Tessera.Onnx;

/// <summary>
/// The ONNX graph of one integer program. A tensor t exists as <c>t/float</c>, the int8 values as floats; as <c>t/uint8</c>, what a
/// convolution reads; and as <c>t</c>, int8, where it is an output. Each form is made when it is first needed.
/// </summary>
/// <remarks>
/// Convolutions are ConvInteger of uint8 by uint8: exact in int32 by ONNX's definition, and in ONNX Runtime also on processors without
/// VNNI, where its kernels for signed weights may saturate (docs/decisions/0005). Weights have zero point 128. So has an activation that may be negative; one that follows
/// a ReLU is never negative and is its own uint8 form.
/// </remarks>
internal sealed class IntegerOnnxGraph(IntegerProgram program, IntegerOnnxOptions options) : IInstructionVisitor<string>
{
    private const int Shift = 128;
    private const string ShiftFloat = "/shift";
    private const string ShiftByte = "/zero_point_128";
    private const string ZeroByte = "/zero_point_0";
    private const string Low = "/low";
    private const string LowAfterRelu = "/low_after_relu";
    private const string High = "/high";
    private const string HalfDouble = "/half";

    private readonly OnnxModelBuilder _model = new(program.Name, options);

    /// <summary>Makes the model.</summary>
    public ModelProto Build(OnnxMetadata metadata)
    {
        _model.Input(program.Input.Name, DataType.Int8, Shape(0));
        _model.Cast($"{program.Input.Name}/to_float", AsFloat(0), program.Input.Name, DataType.Float);
        foreach (IntegerInstruction instruction in program.Instructions)
        {
            instruction.Accept(this);
        }

        foreach (IntegerOutput output in program.Outputs)
        {
            _model.OutputAs(output.Name, AsByte(output.Tensor), ByteType(output.Tensor), Shape(output.Tensor));
        }

        foreach ((string name, int tensor) in FurtherOutputs())
        {
            _model.OutputAs(name, AsByte(tensor), ByteType(tensor), Shape(tensor));
        }

        ArgMaxInstruction? argMax = program.Instructions.OfType<ArgMaxInstruction>().FirstOrDefault();
        return _model.Build(metadata, OnnxForm.Integer, options.Logits && argMax is not null ? program.Tensors[argMax.Input].Scale : null);
    }

    /// <inheritdoc/>
    public string Visit(UpsampleInstruction upsample)
    {
        // The weights are whole numbers of a power of two and the sums stay below 2^22, so Resize is exact in float32 and Round the only rounding.
        bool copies = upsample.Mode == UpsampleMode.Nearest;
        string exact = _model.Upsample(
            upsample.Name, copies ? AsFloat(upsample.Output) : $"{upsample.Name}/exact", AsFloat(upsample.Input), upsample.RowFactor, upsample.ColumnFactor, upsample.Mode);
        return copies ? exact : _model.Node("Round", $"{upsample.Name}/round", AsFloat(upsample.Output), [exact]);
    }

    /// <inheritdoc/>
    public string Visit(AveragePoolInstruction pool)
    {
        // A sum as a convolution with ones: AveragePool would divide, and round once more.
        int channels = program.Tensors[pool.Input].Channels;
        string ones = _model.Floats($"{pool.Name}.ones", [channels, 1, pool.Rows.Kernel, pool.Columns.Kernel], [.. Enumerable.Repeat(1f, channels * pool.Area)]);
        string products = _model.Node("Conv", pool.Name, $"{pool.Name}/products", [AsFloat(pool.Input), ones], OnnxOperations.ConvAttributes(new ConvGeometry(pool.Rows, pool.Columns, channels)));

        // The sum is whole, so this rounds nothing: it keeps optimisers from drawing the factor into the ones, where each product would be rounded.
        string sum = _model.Node("Round", $"{pool.Name}/whole", $"{pool.Name}/sum", [products]);
        string factor = _model.Floats($"{pool.Name}.factor", [], [Int8Arithmetic.AverageFactor(pool.Area)]);
        string mean = _model.Node("Mul", $"{pool.Name}/mean", $"{pool.Name}/exact", [sum, factor]);
        return _model.Node("Round", $"{pool.Name}/round", AsFloat(pool.Output), [mean]);
    }

    /// <inheritdoc/>
    public string Visit(MaxPoolInstruction pool) => _model.MaxPool(pool.Name, AsFloat(pool.Output), AsFloat(pool.Input), pool.Rows, pool.Columns);

    /// <inheritdoc/>
    public string Visit(ConcatInstruction concat) => _model.Concat(concat.Name, AsFloat(concat.Output), [.. concat.Parts.Select(AsFloat)]);

    /// <inheritdoc/>
    public string Visit(ArgMaxInstruction argMax) => _model.ArgMax(argMax.Name, Name(argMax.Output), AsFloat(argMax.Input));

    /// <inheritdoc/>
    public string Visit(ConvInstruction conv)
    {
        string name = conv.Name;
        int outChannels = conv.Bias.Length;
        (ConvAxis rows, ConvAxis columns, _) = conv.Geometry;
        int groupInputs = conv.FanIn / conv.Geometry.Area;
        string weight = _model.UInt8s($"{name}.weight", [outChannels, groupInputs, rows.Kernel, columns.Kernel],
            [.. conv.Weights.Select(value => (byte)(value + Shift))]);
        string bias = _model.Int32s($"{name}.bias", [outChannels, 1, 1], conv.Bias.AsSpan());
        string products = _model.Node("ConvInteger", name, $"{name}/products",
            [AsUInt8(conv.Input), weight, ZeroPoint(!program.NonNegative[conv.Input]), ZeroPoint(shifted: true)],
            OnnxOperations.ConvAttributes(conv.Geometry));
        string sum = _model.Node("Add", $"{name}/bias", $"{name}/accumulator", [products, bias]);
        return conv.Requantization.IsFixedPoint ? FixedPointRequantized(conv, sum) : Requantized(conv, sum);
    }

    private string Requantized(ConvInstruction conv, string sum)
    {
        string name = conv.Name;
        string multiplier = _model.Floats($"{name}.multiplier", [conv.Bias.Length, 1, 1], conv.Multipliers.AsSpan());
        sum = _model.Cast($"{name}/to_float", $"{name}/accumulator_float", sum, DataType.Float);
        sum = _model.Node("Mul", $"{name}/requantize", $"{name}/requantized", [sum, multiplier]);
        if (conv.Residual is { } residual)
        {
            string factor = _model.Floats($"{name}.residual_multiplier", [], [conv.ResidualMultiplier]);
            string shortcut = _model.Node("Mul", $"{name}/residual", $"{name}/residual_requantized", [AsFloat(residual), factor]);
            sum = _model.Node("Add", $"{name}/add_residual", $"{name}/sum", [sum, shortcut]);
        }

        return _model.Node("Round", $"{name}/round", AsFloat(conv.Output), [Clamped(conv, sum)]);
    }

    /// <summary>In double, which holds every step of <see cref="FixedPoint"/> exactly.</summary>
    private string FixedPointRequantized(ConvInstruction conv, string sum)
    {
        string name = conv.Name;
        string multiplier = _model.Doubles($"{name}.multiplier", [conv.Bias.Length, 1, 1], [.. conv.Multipliers.Select(multiplier => (double)multiplier)]);
        sum = _model.Cast($"{name}/to_double", $"{name}/accumulator_double", sum, DataType.Double);
        sum = _model.Node("Mul", $"{name}/requantize", $"{name}/requantized", [sum, multiplier]);
        if (conv.Residual is { } residual)
        {
            string factor = _model.Doubles($"{name}.residual_multiplier", [conv.Bias.Length, 1, 1], [.. conv.Multipliers.Select(multiplier => FixedPoint.OnShiftOf(conv.ResidualMultiplier, multiplier))]);
            string wide = _model.Cast($"{name}/residual_to_double", $"{name}/residual_double", AsFloat(residual), DataType.Double);
            string shortcut = _model.Node("Mul", $"{name}/residual", $"{name}/residual_requantized", [wide, factor]);
            sum = _model.Node("Add", $"{name}/add_residual", $"{name}/sum", [sum, shortcut]);
        }

        string half = _model.Has(HalfDouble) ? HalfDouble : _model.Doubles(HalfDouble, [], [0.5]);
        string above = _model.Node("Add", $"{name}/half", $"{name}/with_half", [sum, half]);
        string rounded = _model.Node("Floor", $"{name}/round", $"{name}/rounded", [above]);
        string narrow = _model.Cast($"{name}/to_float", $"{name}/rounded_float", rounded, DataType.Float);
        return Clamped(conv, narrow, AsFloat(conv.Output));
    }

    private string Clamped(ConvInstruction conv, string sum, string? result = null)
    {
        string low = _model.SharedFloat(conv.IsRelu ? LowAfterRelu : Low, conv.Low);
        string high = _model.SharedFloat(conv.High == Int8Arithmetic.Max ? High : $"{conv.Name}/high", conv.High);
        return _model.Node("Clip", $"{conv.Name}/clamp", result ?? $"{conv.Name}/clamped", [sum, low, high]);
    }

    /// <summary>The tensor as the uint8 operand of a convolution, its zero point 128 where it may be negative.</summary>
    private string AsUInt8(int tensor)
    {
        string result = $"{Name(tensor)}/uint8";
        if (!_model.Has(result))
        {
            string values = AsFloat(tensor);
            if (!program.NonNegative[tensor])
            {
                values = _model.Node("Add", $"{Name(tensor)}/shift", $"{Name(tensor)}/shifted", [values, _model.SharedFloat(ShiftFloat, Shift)]);
            }

            _model.Cast($"{Name(tensor)}/to_uint8", result, values, DataType.Uint8);
        }

        return result;
    }

    /// <summary>The tensor as callers see it: int8 values, or a class map's uint8 ids.</summary>
    private string AsByte(int tensor)
    {
        string name = Name(tensor);
        return _model.Has(name) ? name : _model.Cast($"{name}/to_int8", name, AsFloat(tensor), DataType.Int8);
    }

    private string ZeroPoint(bool shifted)
    {
        string name = shifted ? ShiftByte : ZeroByte;
        return _model.Has(name) ? name : _model.UInt8s(name, [], [shifted ? (byte)Shift : (byte)0]);
    }

    private IEnumerable<(string Name, int Tensor)> FurtherOutputs()
    {
        IEnumerable<(string Name, int Tensor)> logits = program.Instructions.OfType<ArgMaxInstruction>()
            .Where(argMax => options.Logits && program.Outputs.All(output => output.Tensor != argMax.Input))
            .Select(argMax => (OnnxOptions.LogitsOutput, argMax.Input));
        IEnumerable<int> all = program.Instructions.Select(instruction => instruction.Output)
            .Where(tensor => options.AllTensors && !program.Outputs.Any(output => output.Tensor == tensor && output.Name == Name(tensor)));
        return [.. logits, .. all.Select(tensor => (Name(tensor), tensor))];
    }

    private string Name(int tensor) => program.Tensors[tensor].Name;

    private string AsFloat(int tensor) => $"{Name(tensor)}/float";

    private DataType ByteType(int tensor) => program.Tensors[tensor].IsClassMap ? DataType.Uint8 : DataType.Int8;

    private TensorShape Shape(int tensor)
    {
        IntegerTensor declared = program.Tensors[tensor];
        return new TensorShape(1, declared.Channels, declared.Height, declared.Width);
    }
}
