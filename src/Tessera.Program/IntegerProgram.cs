using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Programs;

/// <summary>
/// A quantized network as a list of int8 instructions over numbered tensors, for one image. Made by lowering, executed by the
/// reference executor, stored in artefacts, written as integer ONNX.
/// </summary>
public sealed class IntegerProgram
{
    /// <summary>Creates a program and verifies it.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="tensors">All tensors; the first is the input image.</param>
    /// <param name="instructions">The instructions in execution order.</param>
    /// <param name="outputs">The outputs.</param>
    /// <exception cref="BadFileException">An index, a size or an array does not fit: the program comes from a damaged or foreign file.</exception>
    public IntegerProgram(string name, ImmutableArray<IntegerTensor> tensors, ImmutableArray<IntegerInstruction> instructions, ImmutableArray<IntegerOutput> outputs)
    {
        Name = name;
        Tensors = tensors;
        Instructions = instructions;
        Outputs = outputs;
        ProgramVerifier.VerifyStructure(this);
        NonNegative = FindNonNegative();
        ProgramVerifier.VerifyInstructions(this); // the bound on accumulators asks for signs
    }

    /// <summary>The network's name.</summary>
    public string Name { get; }

    /// <summary>All tensors; the first is the input image.</summary>
    public ImmutableArray<IntegerTensor> Tensors { get; }

    /// <summary>The instructions in execution order.</summary>
    public ImmutableArray<IntegerInstruction> Instructions { get; }

    /// <summary>What the program gives to its caller.</summary>
    public ImmutableArray<IntegerOutput> Outputs { get; }

    /// <summary>The input image, H×W×3 int8 (YUV444 minus 128).</summary>
    public IntegerTensor Input => Tensors[0];

    /// <summary>By tensor index: whether no value of it is ever negative, whatever the image. Kernels multiply such tensors as unsigned bytes.</summary>
    public ImmutableArray<bool> NonNegative { get; }

    /// <summary>Checks that an image has the size of the input.</summary>
    /// <param name="image">The image, H×W×3 int8.</param>
    /// <exception cref="ArgumentException">An image has another number of values than the input.</exception>
    public void CheckImage(ReadOnlySpan<sbyte> image)
    {
        if (image.Length != Input.Count)
        {
            throw new ArgumentException($"The network {Name} reads an image of {Input.Height}x{Input.Width}x{Input.Channels}, {Input.Count} values; the image given has {image.Length}.", nameof(image));
        }
    }

    private ImmutableArray<bool> FindNonNegative()
    {
        var found = new bool[Tensors.Length];
        foreach (IntegerInstruction instruction in Instructions)
        {
            found[instruction.Output] = instruction.IsNonNegative(tensor => found[tensor]);
        }

        return [.. found];
    }
}
