using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Tessera.Cli.Benchmarking;

/// <summary>A form of the network in ONNX Runtime's CPU provider; input and output memory is bound, so that a frame allocates nothing for them.</summary>
internal sealed class OnnxModel : IBenchModel
{
    private const int Colours = 3;

    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly OrtIoBinding _binding;
    private readonly OrtValue _input;
    private readonly OrtValue _output;
    private readonly byte[] _map;

    /// <summary>Loads a model.</summary>
    /// <param name="path">The .onnx file, as Tessera.Onnx writes it: one input, planes; the first output is the class map.</param>
    /// <param name="image">The image, H×W×3 int8.</param>
    /// <param name="threads">Threads of one operation; operations run one after another.</param>
    public OnnxModel(string path, sbyte[] image, int threads)
    {
        _options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };

        // Its threads may spin during a frame, not into the next runner's.
        _options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        _session = new InferenceSession(path, _options);
        (string inputName, NodeMetadata input) = _session.InputMetadata.First();
        (string outputName, NodeMetadata output) = _session.OutputMetadata.First();
        _input = Planes(image, input);
        _map = new byte[output.Dimensions.Aggregate(1, (product, size) => product * size)];
        _output = OrtValue.CreateTensorValueFromMemory(_map, Shape(output));
        _binding = _session.CreateIoBinding();
        _binding.BindInput(inputName, _input);
        _binding.BindOutput(outputName, _output);
    }

    /// <inheritdoc/>
    public void Run() => _session.RunWithBinding(_run, _binding);

    /// <inheritdoc/>
    public byte[] ClassMap() => [.. _map];

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _output.Dispose();
        _input.Dispose();
        _run.Dispose();
        _session.Dispose();
        _options.Dispose();
    }

    /// <summary>The image as planes; float forms read it divided by 128.</summary>
    private static OrtValue Planes(sbyte[] image, NodeMetadata input)
    {
        int pixels = image.Length / Colours;
        var bytes = new sbyte[image.Length];
        for (int i = 0; i < image.Length; i++)
        {
            bytes[(i % Colours * pixels) + (i / Colours)] = image[i];
        }

        return input.ElementDataType == TensorElementType.Int8
            ? OrtValue.CreateTensorValueFromMemory(bytes, Shape(input))
            : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(bytes, value => value / 128f), Shape(input));
    }

    private static long[] Shape(NodeMetadata node) => Array.ConvertAll(node.Dimensions, size => (long)size);
}
