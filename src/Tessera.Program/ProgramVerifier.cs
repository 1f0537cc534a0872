using Tessera.Core;

namespace Tessera.Programs;

/// <summary>Checks every index, size and bound of a program before anything is executed; programs come from files.</summary>
internal static class ProgramVerifier
{
    /// <summary>The most tensors of a program, and so the most instructions and outputs.</summary>
    public const int MaxTensors = 1024; // plans compare them in pairs, and rows are made through chains of as many steps

    private const int MaxExtent = 1 << 16;
    private const int MaxRowBytes = 1 << 26; // kernels count in a row with int32, widened and with padding
    private const int MaxKernel = 15;
    private const long MaxTotalBytes = 4L << 30; // the reference executor keeps all tensors at once

    /// <summary>Checks the program.</summary>
    /// <exception cref="BadFileException">The first rule that is broken, with the instruction's name.</exception>
    public static void Verify(IntegerProgram program)
    {
        Require(program.Name is { Length: > 0 }, "", "it bears no name");
        RequireStorable(program.Name);
        Require(!program.Tensors.IsDefaultOrEmpty, "", "it has no tensor");
        Require(!program.Instructions.IsDefaultOrEmpty, "", "it has no instruction");
        Require(!program.Outputs.IsDefaultOrEmpty, "", "it has no output");
        VerifyTensors(program);
        bool[] written = VerifyInstructions(program);
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

    private static void VerifyTensors(IntegerProgram program)
    {
        Require(program.Tensors.Length <= MaxTensors, "", $"it has {program.Tensors.Length} tensors, more than {MaxTensors}");
        var names = new HashSet<string>();
        long total = 0;
        foreach (IntegerTensor tensor in program.Tensors)
        {
            Require(tensor?.Name is { Length: > 0 }, "", "a tensor bears no name");
            RequireStorable(tensor!.Name);
            Require( names.Add(tensor.Name), tensor.Name, "two tensors bear this name");
            Require(tensor.Height is > 0 and <= MaxExtent && tensor.Width is > 0 and <= MaxExtent && tensor.Channels is > 0 and <= MaxExtent
                && (long)tensor.Width * tensor.Channels <= MaxRowBytes
                && (long)tensor.Height * tensor.Width * tensor.Channels <= DevicePlan.MaxArenaBytes, tensor.Name, "its size is impossible");
            Require(float.IsFinite(tensor.Scale) && tensor.Scale >= 0, tensor.Name, $"its scale is {tensor.Scale}");
            total += tensor.Count;
        }

        Require(total <= MaxTotalBytes, "", $"its tensors have {total} bytes together, more than {MaxTotalBytes}");
        Require(!program.Input.IsClassMap, program.Input.Name, "the image needs a scale above 0");
    }

    private static bool[] VerifyInstructions(IntegerProgram program)
    {
        var written = new bool[program.Tensors.Length];
        written[0] = true;
        var names = new HashSet<string>();
        foreach (IntegerInstruction instruction in program.Instructions)
        {
            // These are sealed and immutable: what is true of them now stays true.
            Require(instruction is ConvInstruction or UpsampleInstruction or ArgMaxInstruction, instruction?.Name ?? "", $"{instruction?.GetType().Name ?? "an empty entry"} is not an instruction that this version knows");
            Require(instruction!.Name is { Length: > 0 }, "", "an instruction bears no name");
            RequireStorable(instruction.Name);
            Require(names.Add(instruction.Name), instruction.Name, "two instructions bear this name");
            foreach (int input in instruction.Inputs)
            {
                Require(InRange(program, input) && written[input], instruction.Name, $"it reads tensor {input} before anything writes it");
                Require(!program.Tensors[input].IsClassMap, instruction.Name, "it reads a class map; only outputs are class maps");
            }

            Require(InRange(program, instruction.Output) && !written[instruction.Output], instruction.Name, $"it writes tensor {instruction.Output}, which does not exist or is written already");
            written[instruction.Output] = true;
            VerifyShapes(program, instruction);
        }

        return written;
    }

    private static void VerifyShapes(IntegerProgram program, IntegerInstruction instruction)
    {
        IntegerTensor output = program.Tensors[instruction.Output];
        IntegerTensor input = program.Tensors[instruction.Inputs[0]];
        Require(output.IsClassMap == instruction is ArgMaxInstruction, instruction.Name, "an argmax makes a class map (scale 0), and nothing else does");
        switch (instruction)
        {
            case ConvInstruction conv:
                VerifyConv(program, conv, input, output);
                break;
            case UpsampleInstruction:
                Require(output.Height == 2 * input.Height && output.Width == 2 * input.Width && output.Channels == input.Channels && output.Scale == input.Scale,
                    instruction.Name, "an upsample doubles height and width and keeps channels and scale");
                break;
            case ArgMaxInstruction:
                Require(output.Height == input.Height && output.Width == input.Width && output.Channels == 1 && input.Channels <= 255,
                    instruction.Name, "an argmax keeps height and width, makes one channel, and reads at most 255");
                break;
        }
    }

    private static void VerifyConv(IntegerProgram program, ConvInstruction conv, IntegerTensor input, IntegerTensor output)
    {
        Require(conv.Kernel is > 0 and <= MaxKernel && conv.Stride is > 0 and <= MaxKernel && conv.Padding >= 0 && conv.Padding < conv.Kernel,
            conv.Name, $"kernel {conv.Kernel}, stride {conv.Stride}, padding {conv.Padding} are impossible");
        Require(conv.Groups > 0 && input.Channels % conv.Groups == 0 && output.Channels % conv.Groups == 0, conv.Name, $"{conv.Groups} groups do not divide its channels");
        Require(input.Height + (2 * conv.Padding) >= conv.Kernel && input.Width + (2 * conv.Padding) >= conv.Kernel, conv.Name, "its kernel is larger than its padded input");
        Require(Extent(input.Height) == output.Height && Extent(input.Width) == output.Width, conv.Name, "its output size does not follow from its input size");
        Require(!conv.Weights.IsDefault && !conv.Bias.IsDefault && !conv.Multipliers.IsDefault, conv.Name, "it has no weights, biases or multipliers");
        long perChannel = (long)input.Channels / conv.Groups * conv.Kernel * conv.Kernel;
        Require(conv.Weights.Length == perChannel * output.Channels && conv.Bias.Length == output.Channels && conv.Multipliers.Length == output.Channels,
            conv.Name, "weights, bias or multipliers do not fit its channels");
        foreach (float multiplier in conv.Multipliers)
        {
            if (multiplier is not (>= 0 and <= Int8Arithmetic.MultiplierLimit))
            {
                throw Fault(conv.Name, $"a multiplier is {multiplier}");
            }
        }

        if (conv.Residual is { } residual)
        {
            IntegerTensor shortcut = program.Tensors[residual];
            Require(shortcut.Height == output.Height && shortcut.Width == output.Width && shortcut.Channels == output.Channels, conv.Name, "its residual has another shape than its output");
            Require(conv.ResidualMultiplier is >= 0 and <= Int8Arithmetic.MultiplierLimit, conv.Name, $"its residual multiplier is {conv.ResidualMultiplier}");
        }
        else
        {
            Require(conv.ResidualMultiplier == 0, conv.Name, $"it has no residual, yet a residual multiplier of {conv.ResidualMultiplier}");
        }

        VerifyAccumulators(program, conv);

        int Extent(int size) => ((size + (2 * conv.Padding) - conv.Kernel) / conv.Stride) + 1;
    }

    private static void VerifyAccumulators(IntegerProgram program, ConvInstruction conv)
    {
        if (AccumulatorProof.LargestBound(program, conv) < Int8Arithmetic.AccumulatorLimit)
        {
            return;
        }

        for (int channel = 0; channel < conv.Bias.Length; channel++)
        {
            long bound = AccumulatorProof.Bound(program, conv, channel);
            if (bound >= Int8Arithmetic.AccumulatorLimit)
            {
                throw Fault(conv.Name, $"the accumulator of channel {channel} may reach {bound}, at or above 2^24");
            }
        }
    }

    private static void RequireStorable(string name)
    {
        if (PrintableText.Problem(name) is { } problem)
        {
            throw Fault(PrintableText.Escape(name), $"this name cannot be stored: {problem}");
        }
    }

    private static bool InRange(IntegerProgram program, int tensor) => (uint)tensor < (uint)program.Tensors.Length;

    private static void Require(bool condition, string where, string problem)
    {
        if (!condition)
        {
            throw Fault(where, problem);
        }
    }

    private static BadFileException Fault(string where, string problem) =>
        new($"The integer program is not valid{(where.Length > 0 ? $" at {where}" : "")}: {problem}.");
}
