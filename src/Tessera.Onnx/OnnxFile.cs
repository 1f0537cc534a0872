using Google.Protobuf;
using Tessera.Core;
using Tessera.Onnx.Proto;

namespace Tessera.Onnx;

/// <summary>Puts a model into a file, whole or not at all.</summary>
internal static class OnnxFile
{
    /// <summary>Writes the model; an older file of that name stays until the new one is complete.</summary>
    /// <exception cref="BadFileException">The folder cannot be written, or the disk is full.</exception>
    public static void Write(ModelProto model, string path) => AtomicFile.Write(path, model.WriteTo);
}
