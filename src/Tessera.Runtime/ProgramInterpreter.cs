using System.Runtime.InteropServices;
using Tessera.Runtime.Kernels;

namespace Tessera.Runtime;

/// <summary>Executes a program's instructions in order with the reference kernels, wherever its tensors live.</summary>
internal static class ProgramInterpreter
{
    /// <summary>Runs the program on one image.</summary>
    /// <param name="program">The verified program.</param>
    /// <param name="image">The input image, H×W×C int8.</param>
    /// <param name="memory">The bytes of a tensor, by tensor index; tensors that live at the same time may not overlap.</param>
    /// <param name="tap">Sees each instruction's result as soon as it is there.</param>
    /// <exception cref="ArgumentException">The image has another number of values than the program's input.</exception>
    public static void Run(IntegerProgram program, ReadOnlySpan<sbyte> image, Func<int, Span<sbyte>> memory, Action<IntegerTensor, ReadOnlySpan<sbyte>>? tap)
    {
        IntegerTensor input = program.Input;
        if (image.Length != input.Count)
        {
            throw new ArgumentException($"The network {program.Name} reads an image of {input.Height}x{input.Width}x{input.Channels}, {input.Count} values; the image given has {image.Length}.", nameof(image));
        }

        image.CopyTo(memory(0));
        foreach (IntegerInstruction instruction in program.Instructions)
        {
            IntegerTensor output = program.Tensors[instruction.Output];
            Span<sbyte> result = memory(instruction.Output);
            switch (instruction)
            {
                case ConvInstruction conv:
                    ReadOnlySpan<sbyte> residual = conv.Residual is { } index ? memory(index) : default;
                    ReferenceConv.Run(conv, program.Tensors[conv.Input], output, memory(conv.Input), residual, result);
                    break;
                case UpsampleInstruction upsample:
                    ReferenceUpsample.Run(program.Tensors[upsample.Input], memory(upsample.Input), result);
                    break;
                case ArgMaxInstruction argMax:
                    ReferenceArgMax.Run(program.Tensors[argMax.Input], memory(argMax.Input), MemoryMarshal.AsBytes(result));
                    break;
                default:
                    throw new ArgumentException($"{instruction.Name}: there is no kernel for {instruction.GetType().Name}.", nameof(program));
            }

            tap?.Invoke(output, result);
        }
    }

    /// <summary>Copies the program's outputs out of the tensors' memory.</summary>
    public static ProgramOutputs Outputs(IntegerProgram program, Func<int, Span<sbyte>> memory) =>
        new([.. program.Outputs.Select(output => new ProgramOutput(output.Name, program.Tensors[output.Tensor], memory(output.Tensor).ToArray()))]);
}
