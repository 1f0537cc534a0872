using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its key.</param>
/// <param name="ElementType">The format's name of the element type: F32, I32, I8, U8, I64.</param>
/// <param name="Shape">Its dimensions; empty for a scalar.</param>
/// <param name="Data">Its elements, row-major, little-endian.</param>
public sealed record SafetensorsTensor(string Name, string ElementType, ImmutableArray<int> Shape, byte[] Data)
{
    /// <summary>Makes a float32 tensor.</summary>
    public static SafetensorsTensor FromFloats(string name, ImmutableArray<int> shape, ReadOnlySpan<float> values) =>
        new(name, "F32", shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>The elements of a float32 tensor.</summary>
    /// <param name="path">The file's path, for the message.</param>
    /// <exception cref="BadFileException">The tensor has another element type.</exception>
    public float[] ToFloats(string path) => ElementType == "F32"
        ? MemoryMarshal.Cast<byte, float>(Data).ToArray()
        : throw new BadFileException($"{path}: tensor {Name} has element type {ElementType}; F32 is needed here.");
}
