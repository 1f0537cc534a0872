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
internal sealed class IntegerOnnxGraph(IntegerProgram program)
{
    private const int Shift = 128;
    private const string ShiftFloat = "/shift";
    private const string ShiftByte = "/zero_point_128";
    private const string ZeroByte = "/zero_point_0";
    private const string Low = "/low";
    private const string LowAfterRelu = "/low_after_relu";
    private const string High = "/high";

    private readonly OnnxModelBuilder _model = new(program.Name);
    private readonly bool[] _negative = new bool[program.Tensors.Length];

    /// <summary>Makes the model.</summary>
    public ModelProto Build(OnnxMetadata metadata, IntegerOnnxOptions options)
    {
        _model.Input(program.Input.Name, DataType.Int8, Shape(0));
        _model.Cast($"{program.Input.Name}/to_float", AsFloat(0), program.Input.Name, DataType.Float);
        _negative[0] = true;
        foreach (IntegerInstruction instruction in program.Instructions)
        {
            Add(instruction);
        }

        foreach (IntegerOutput output in program.Outputs)
        {
            _model.OutputAs(output.Name, AsByte(output.Tensor), ByteType(output.Tensor), Shape(output.Tensor));
        }

        foreach (int tensor in FurtherOutputs(options))
        {
            _model.Output(AsByte(tensor), ByteType(tensor), Shape(tensor));
        }

        return _model.Build(metadata, OnnxForm.Integer);
    }

    private void Add(IntegerInstruction instruction)
    {
        int output = instruction.Output;
        switch (instruction)
        {
            case ConvInstruction conv:
                AddConv(conv);
                _negative[output] = !conv.Relu;
                break;
            case UpsampleInstruction upsample:
                // The weights are sixteenths and the sums stay below 2^11, so Resize is exact in float32 and Round the only rounding.
                string exact = _model.Upsample2x(upsample.Name, $"{upsample.Name}/exact", AsFloat(upsample.Input));
                _model.Node("Round", $"{upsample.Name}/round", AsFloat(output), [exact]);
                _negative[output] = _negative[upsample.Input];
                break;
            case ArgMaxInstruction argMax:
                _model.ArgMax(argMax.Name, Name(output), AsFloat(argMax.Input));
                break;
            default:
                throw new ArgumentException(
                    $"{instruction.Name}: {instruction.GetType().Name} has no ONNX form; give it one in {nameof(IntegerOnnxGraph)}.", nameof(instruction));
        }
    }

    private void AddConv(ConvInstruction conv)
    {
        string name = conv.Name;
        int outChannels = conv.Bias.Length;
        int groupInputs = conv.Weights.Length / (outChannels * conv.Kernel * conv.Kernel);
        string weight = _model.UInt8s($"{name}.weight", [outChannels, groupInputs, conv.Kernel, conv.Kernel],
            [.. conv.Weights.Select(value => (byte)(value + Shift))]);
        string bias = _model.Int32s($"{name}.bias", [outChannels, 1, 1], conv.Bias.AsSpan());
        string multiplier = _model.Floats($"{name}.multiplier", [outChannels, 1, 1], conv.Multipliers.AsSpan());
        string products = _model.Node("ConvInteger", name, $"{name}/products",
            [AsUInt8(conv.Input), weight, ZeroPoint(_negative[conv.Input]), ZeroPoint(shifted: true)],
            OnnxOperations.ConvAttributes(conv.Kernel, conv.Stride, conv.Padding, conv.Groups));
        string sum = _model.Node("Add", $"{name}/bias", $"{name}/accumulator", [products, bias]);
        sum = _model.Cast($"{name}/to_float", $"{name}/accumulator_float", sum, DataType.Float);
        sum = _model.Node("Mul", $"{name}/requantize", $"{name}/requantized", [sum, multiplier]);
        if (conv.Residual is { } residual)
        {
            string factor = _model.Floats($"{name}.residual_multiplier", [], [conv.ResidualMultiplier]);
            string shortcut = _model.Node("Mul", $"{name}/residual", $"{name}/residual_requantized", [AsFloat(residual), factor]);
            sum = _model.Node("Add", $"{name}/add_residual", $"{name}/sum", [sum, shortcut]);
        }

        string low = conv.Relu ? _model.SharedFloat(LowAfterRelu, 0) : _model.SharedFloat(Low, Int8Arithmetic.Min);
        string clamped = _model.Node("Clip", $"{name}/clamp", $"{name}/clamped", [sum, low, _model.SharedFloat(High, Int8Arithmetic.Max)]);
        _model.Node("Round", $"{name}/round", AsFloat(conv.Output), [clamped]);
    }

    /// <summary>The tensor as the uint8 operand of a convolution, its zero point 128 where it may be negative.</summary>
    private string AsUInt8(int tensor)
    {
        string result = $"{Name(tensor)}/uint8";
        if (!_model.Has(result))
        {
            string values = AsFloat(tensor);
            if (_negative[tensor])
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

    private IEnumerable<int> FurtherOutputs(IntegerOnnxOptions options)
    {
        var present = program.Outputs.Where(output => output.Name == Name(output.Tensor)).Select(output => output.Tensor).ToHashSet();
        IEnumerable<int> wanted = options.AllTensors
            ? program.Instructions.Select(instruction => instruction.Output)
            : program.Instructions.OfType<ArgMaxInstruction>().Where(_ => options.Logits).Select(argMax => argMax.Input);
        return wanted.Where(present.Add);
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
