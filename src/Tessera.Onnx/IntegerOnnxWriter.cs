using Google.Protobuf;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Onnx;

/// <summary>
/// Writes an integer program as ONNX (operator set 17 by default) that computes the same int8 in every element. Input: the int8 image as planes,
/// 1×3×H×W; outputs: the program's, int8 logits 1×C×h×w and uint8 class maps 1×1×h×w. <c>docs/onnx.md</c> has the proof.
/// </summary>
public static class IntegerOnnxWriter
{
    /// <summary>Writes the program into a file, whole or not at all.</summary>
    /// <param name="program">The program.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="path">The file; its folder is created.</param>
    /// <param name="options">Operator set, open batch, further outputs; the defaults when null.</param>
    /// <exception cref="WorkException">Two tensors or outputs have one name.</exception>
    /// <exception cref="BadFileException">The folder cannot be written, or the disk is full.</exception>
    public static void Write(IntegerProgram program, OnnxMetadata metadata, string path, IntegerOnnxOptions? options = null) =>
        OnnxFile.Write(new IntegerOnnxGraph(program, options ?? new()).Build(metadata), path);

    /// <summary>Writes the program to a stream.</summary>
    /// <param name="program">The program.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <param name="stream">Receives the model; stays open.</param>
    /// <param name="options">Operator set, open batch, further outputs; the defaults when null.</param>
    /// <exception cref="WorkException">Two tensors or outputs have one name.</exception>
    public static void Write(IntegerProgram program, OnnxMetadata metadata, Stream stream, IntegerOnnxOptions? options = null) =>
        new IntegerOnnxGraph(program, options ?? new()).Build(metadata).WriteTo(stream);
}
