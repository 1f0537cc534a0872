using System.Runtime.CompilerServices;
using Tessera.Core;

namespace Tessera.Programs;

/// <summary>Checks every index, size and bound of a program before anything is executed; programs come from files.</summary>
internal static class ProgramVerifier
{
    /// <summary>The most tensors of a program, and so the most instructions and outputs.</summary>
    public const int MaxTensors = 1024; // plans compare them in pairs, and rows are made through chains of as many steps

    private const int MaxExtent = 1 << 16;
    private const int MaxRowBytes = 1 << 26; // kernels count in a row with int32, widened and with padding
    private const long MaxTotalBytes = 4L << 30; // the reference executor keeps all tensors at once

    /// <summary>Checks names, sizes, outputs, and that each tensor is written once, before it is read.</summary>
    /// <exception cref="BadFileException">The first rule that is broken, with the name of what breaks it.</exception>
    public static void VerifyStructure(IntegerProgram program)
    {
        Require(program.Name is { Length: > 0 }, "", "it bears no name");
        RequireStorable(program.Name);
        Require(!program.Tensors.IsDefaultOrEmpty, "", "it has no tensor");
        Require(!program.Instructions.IsDefaultOrEmpty, "", "it has no instruction");
        Require(!program.Outputs.IsDefaultOrEmpty, "", "it has no output");
        VerifyTensors(program);
        bool[] written = VerifyOrder(program);
        int unwritten = Array.IndexOf(written, false);
        Require(unwritten < 0, unwritten < 0 ? "" : program.Tensors[unwritten].Name, "no instruction writes this tensor");
        var names = new HashSet<string>();
        var given = new HashSet<int>();
        foreach (IntegerOutput output in program.Outputs)
        {
            Require(output?.Name is { Length: > 0 }, "", "an output bears no name");
            RequireStorable(output!.Name);
            Require(names.Add(output.Name), output.Name, "two outputs bear this name");
            Require(InRange(program, output.Tensor), output.Name, $"it names tensor {output.Tensor}, which does not exist");

            // Every output is copied for the caller: a short list of one large tensor's name could take any amount of memory.
            Require(given.Add(output.Tensor), output.Name, "another output gives the same tensor");
        }
    }

    /// <summary>Checks the shapes, arrays and bounds of each instruction of a program whose structure holds.</summary>
    /// <exception cref="BadFileException">The first rule that is broken, with the instruction's name.</exception>
    public static void VerifyInstructions(IntegerProgram program)
    {
        foreach (IntegerInstruction instruction in program.Instructions)
        {
            instruction.Verify(new InstructionCheck(program, instruction));
        }
    }

    private static void VerifyTensors(IntegerProgram program)
    {
        Require(program.Tensors.Length <= MaxTensors, "", $"it has {program.Tensors.Length} tensors, more than {MaxTensors}");
        var names = new HashSet<string>();
        long total = 0;
        foreach (IntegerTensor tensor in program.Tensors)
        {
            Require(tensor?.Name is { Length: > 0 }, "", "a tensor bears no name");
            RequireStorable(tensor!.Name);
            Require(names.Add(tensor.Name), tensor.Name, "two tensors bear this name");
            Require(tensor.Height is > 0 and <= MaxExtent && tensor.Width is > 0 and <= MaxExtent && tensor.Channels is > 0 and <= MaxExtent
                && (long)tensor.Width * tensor.Channels <= MaxRowBytes
                && (long)tensor.Height * tensor.Width * tensor.Channels <= DevicePlan.MaxArenaBytes, tensor.Name, "its size is impossible");
            Require(float.IsFinite(tensor.Scale) && tensor.Scale >= 0, tensor.Name, $"its scale is {tensor.Scale}");
            total += tensor.Count;
        }

        Require(total <= MaxTotalBytes, "", $"its tensors have {total} bytes together, more than {MaxTotalBytes}");
        Require(!program.Input.IsClassMap, program.Input.Name, "the image needs a scale above 0");
    }

    private static bool[] VerifyOrder(IntegerProgram program)
    {
        var written = new bool[program.Tensors.Length];
        written[0] = true;
        var names = new HashSet<string>();
        foreach (IntegerInstruction instruction in program.Instructions)
        {
            // Instructions are sealed and immutable: what is true of them now stays true.
            Require(instruction is not null, "", "an empty entry is not an instruction");
            Require(instruction!.Name is { Length: > 0 }, "", "an instruction bears no name");
            RequireStorable(instruction.Name);
            Require(names.Add(instruction.Name), instruction.Name, "two instructions bear this name");
            Require(instruction.Inputs.Count > 0, instruction.Name, "it reads no tensor");
            foreach (int input in instruction.Inputs)
            {
                Require(InRange(program, input) && written[input], instruction.Name, $"it reads tensor {input} before anything writes it");
                Require(!program.Tensors[input].IsClassMap, instruction.Name, "it reads a class map; only outputs are class maps");
            }

            Require(InRange(program, instruction.Output) && !written[instruction.Output], instruction.Name, $"it writes tensor {instruction.Output}, which does not exist or is written already");
            Require(program.Tensors[instruction.Output].IsClassMap == instruction.MakesClassMap, instruction.Name, "an argmax makes a class map (scale 0), and nothing else does");
            written[instruction.Output] = true;
        }

        return written;
    }

    private static void RequireStorable(string name)
    {
        if (PrintableText.Problem(name) is { } problem)
        {
            throw Fault(PrintableText.Escape(name), $"this name cannot be stored: {problem}");
        }
    }

    private static bool InRange(IntegerProgram program, int tensor) => (uint)tensor < (uint)program.Tensors.Length;

    /// <summary>Holds one rule.</summary>
    /// <exception cref="BadFileException">It is broken.</exception>
    public static void Require(bool holds, string where, string problem)
    {
        if (!holds)
        {
            throw Fault(where, problem);
        }
    }

    /// <inheritdoc cref="Require(bool, string, string)"/>
    public static void Require(bool holds, string where, [InterpolatedStringHandlerArgument(nameof(holds))] ref ProblemText problem)
    {
        if (!holds)
        {
            throw Fault(where, problem.Take());
        }
    }

    private static BadFileException Fault(string where, string problem) =>
        new($"The integer program is not valid{(where.Length > 0 ? $" at {where}" : "")}: {problem}.");
}
