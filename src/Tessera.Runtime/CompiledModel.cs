using System.Runtime.InteropServices;
using Tessera.Core;

namespace Tessera.Runtime;

/// <summary>
/// Executes a compiled program inside one block of memory, as its plan says. The block is made once and used for every image, so
/// an instance serves one thread at a time; make one per thread (they share the program).
/// </summary>
public sealed class CompiledModel
{
    private readonly byte[] _arena;

    /// <summary>Takes the program and makes its memory.</summary>
    public CompiledModel(CompiledProgram compiled)
    {
        Compiled = compiled;
        _arena = new byte[compiled.Memory.ArenaBytes];
    }

    /// <summary>The program, its memory plan, and how it was compiled.</summary>
    public CompiledProgram Compiled { get; }

    /// <summary>Loads an artefact.</summary>
    /// <exception cref="BadFileException">The file is missing, truncated, damaged, tampered with, of another kind, or of a newer format.</exception>
    public static CompiledModel Load(string path) => new(ArtefactReader.Read(path).Compiled);

    /// <summary>Runs the program on one image. Not for several threads at once.</summary>
    /// <param name="image">The image as the network reads it: H×W×3 int8, YUV444 minus 128.</param>
    /// <param name="tap">Sees each instruction's result: the tensor and its values, H×W×C (class ids for a class map).</param>
    /// <exception cref="ArgumentException">The image has another number of values than the program's input.</exception>
    public ProgramOutputs Run(ReadOnlySpan<sbyte> image, Action<IntegerTensor, ReadOnlySpan<sbyte>>? tap = null)
    {
        ProgramInterpreter.Run(Compiled.Program, image, Bytes, tap);
        return ProgramInterpreter.Outputs(Compiled.Program, Bytes);
    }

    private Span<sbyte> Bytes(int tensor) =>
        MemoryMarshal.Cast<byte, sbyte>(_arena.AsSpan(Compiled.Memory.Offsets[tensor], Compiled.Program.Tensors[tensor].Count));
}
