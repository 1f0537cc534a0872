using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Tessera.Onnx.Tests;

/// <summary>A model in ONNX Runtime on the CPU.</summary>
internal sealed class OrtModel : IDisposable
{
    private readonly InferenceSession _session;

    public OrtModel(Action<Stream> write, bool optimized = true, int threads = 1)
    {
        using var stream = new MemoryStream();
        write(stream);
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = optimized ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
            IntraOpNumThreads = threads,
        };
        _session = new InferenceSession(stream.ToArray(), options);
    }

    public IReadOnlyDictionary<string, NodeMetadata> Inputs => _session.InputMetadata;

    public IReadOnlyDictionary<string, NodeMetadata> Outputs => _session.OutputMetadata;

    public ModelMetadata Metadata => _session.ModelMetadata;

    /// <summary>Every output's values in row-major order; float32, int8 and uint8 as the same numbers in float. Where the batch is open, as many images as the values are.</summary>
    public Dictionary<string, float[]> Run<T>(T[] planes)
    {
        (string name, NodeMetadata metadata) = Inputs.Single();
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results =
            _session.Run([NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(planes, [planes.Length / metadata.Dimensions.Skip(1).Aggregate(1, (product, size) => product * size), .. metadata.Dimensions.Skip(1)]))]);
        return results.ToDictionary(result => result.Name, result => result.ElementType switch
        {
            TensorElementType.Float => result.AsTensor<float>().ToArray(),
            TensorElementType.Int8 => [.. result.AsTensor<sbyte>().Select(value => (float)value)],
            TensorElementType.UInt8 => [.. result.AsTensor<byte>().Select(value => (float)value)],
            _ => throw new InvalidOperationException($"{result.Name} holds {result.ElementType}."),
        });
    }

    public void Dispose() => _session.Dispose();
}
