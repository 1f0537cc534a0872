using Google.Protobuf;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Onnx;

/// <summary>
/// Writes an annotated network as ONNX (operator set 17 by default) in QuantizeLinear/DequantizeLinear form: int8, symmetric, weights per output
/// channel, int32 biases; <see cref="QdqOnnxOptions"/> has other shapes. The form that most runtimes turn into their own int8 kernels.
/// </summary>
/// <remarks>
/// It describes the quantization, not the arithmetic: a runtime may compute between the quantizations in float or fuse them, and may
/// then round the last bit otherwise. The exact model is the one that <see cref="IntegerOnnxWriter"/> writes.
/// </remarks>
public static class QdqOnnxWriter
{
    /// <summary>Writes the network into a file, whole or not at all. Input N×3×H×W float32 = int8 image / 128; logits in real units.</summary>
    /// <param name="network">A prepared network with a scale on every activation and weight.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="path">The file; its folder is created.</param>
    /// <param name="options">The shape that the reader wants; what ONNX Runtime makes the most int8 kernels of when null.</param>
    /// <exception cref="WorkException">A scale is missing, a bias does not fit, or two tensors would have one name.</exception>
    /// <exception cref="UsageException">The operator set knows no scales for single channels, and a weight has several.</exception>
    /// <exception cref="BadFileException">The folder cannot be written, or the disk is full.</exception>
    public static void Write(Network network, OnnxMetadata metadata, string path, QdqOnnxOptions? options = null) =>
        OnnxFile.Write(new QdqOnnxGraph(network, options ?? new()).Build(metadata), path);

    /// <summary>Writes the network to a stream.</summary>
    /// <param name="network">A prepared network with a scale on every activation and weight.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="stream">Receives the model; stays open.</param>
    /// <param name="options">The shape that the reader wants; what ONNX Runtime makes the most int8 kernels of when null.</param>
    /// <exception cref="WorkException">A scale is missing, a bias does not fit, or two tensors would have one name.</exception>
    /// <exception cref="UsageException">The operator set knows no scales for single channels, and a weight has several.</exception>
    public static void Write(Network network, OnnxMetadata metadata, Stream stream, QdqOnnxOptions? options = null) =>
        new QdqOnnxGraph(network, options ?? new()).Build(metadata).WriteTo(stream);
}
