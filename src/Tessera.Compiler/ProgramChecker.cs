using System.Collections.Immutable;
using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>Checks a program against the limits of a march and reports everything that does not fit, not only the first fault.</summary>
public static class ProgramChecker
{
    /// <summary>Checks every tensor and every instruction.</summary>
    public static CheckResult Check(IntegerProgram program, March march)
    {
        ImmutableArray<Violation>.Builder violations = ImmutableArray.CreateBuilder<Violation>();
        foreach (IntegerTensor tensor in program.Tensors)
        {
            CheckTensor(tensor, march, violations);
        }

        foreach (IntegerInstruction instruction in program.Instructions)
        {
            CheckInstruction(program, instruction, march, violations);
        }

        return new CheckResult(march.Name, violations.ToImmutable(), Remarks(march));
    }

    private static ImmutableArray<string> Remarks(March march) => march.Requantization == RequantizationKind.TesseraFp32
        ? []
        : [$"{march.Name} requantizes by its vendor's own arithmetic, which is not published: its int8 values can differ from this program's. The artefact computes Tessera's arithmetic wherever Tessera executes it."];

    private static void CheckTensor(IntegerTensor tensor, March march, ImmutableArray<Violation>.Builder violations)
    {
        if (tensor.Height > march.MaxExtent || tensor.Width > march.MaxExtent)
        {
            violations.Add(new Violation(tensor.Name, "tensor-extent", $"it has {tensor.Height}x{tensor.Width} pixels", $"At most {march.MaxExtent} rows and columns; use a smaller input."));
        }

        if (tensor.Count > march.MaxTensorBytes)
        {
            violations.Add(new Violation(tensor.Name, "tensor-bytes", $"it has {tensor.Count} bytes", $"At most {march.MaxTensorBytes} bytes; use a smaller input or fewer channels."));
        }
    }

    private static void CheckInstruction(IntegerProgram program, IntegerInstruction instruction, March march, ImmutableArray<Violation>.Builder violations)
    {
        int channels = program.Tensors[instruction.Inputs[0]].Channels;
        switch (InstructionKinds.Of(program, instruction))
        {
            case InstructionKind.Depthwise when march.Depthwise is { } limits:
                CheckConvolution("depthwise", (ConvInstruction)instruction, channels, channels, 1, limits, violations);
                break;
            case InstructionKind.Depthwise:
                violations.Add(new Violation(instruction.Name, "depthwise-support", "it is a depthwise convolution", "The march has none; use an ordinary convolution."));
                break;
            case InstructionKind.Convolution:
                var conv = (ConvInstruction)instruction;
                int inputs = channels / conv.Groups;
                int outputs = program.Tensors[conv.Output].Channels / conv.Groups;
                CheckConvolution("conv", conv, inputs, outputs, inputs, march.Convolution, violations);
                if (conv.Groups > 1 && !march.Convolution.Grouped)
                {
                    violations.Add(new Violation(conv.Name, "conv-groups", $"it has {conv.Groups} groups of {inputs} channels", "Use one group, or as many groups as channels (depthwise)."));
                }

                break;
            case InstructionKind.Upsample:
                CheckChannels(instruction.Name, "upsample", "an upsample", channels, march.UpsampleMaxChannels, violations);
                break;
            default:
                CheckChannels(instruction.Name, "argmax", "an argmax", channels, march.ArgMaxMaxChannels, violations);
                break;
        }
    }

    private static void CheckConvolution(string rule, ConvInstruction conv, int inputs, int outputs, int inputsPerOutput, ConvolutionLimits limits, ImmutableArray<Violation>.Builder violations)
    {
        if (!limits.Kernels.Contains(conv.Kernel))
        {
            violations.Add(new Violation(conv.Name, $"{rule}-kernel", $"its kernel is {conv.Kernel}x{conv.Kernel}", $"Use a kernel of {string.Join(", ", limits.Kernels)}."));
        }

        if (conv.Stride > limits.MaxStride)
        {
            violations.Add(new Violation(conv.Name, $"{rule}-stride", $"its stride is {conv.Stride}", $"Use a stride of at most {limits.MaxStride}."));
        }

        if (Math.Max(inputs, outputs) > limits.MaxChannels)
        {
            violations.Add(new Violation(conv.Name, $"{rule}-channels", $"it takes {inputs} channels to {outputs}", $"At most {limits.MaxChannels} channels."));
        }

        int elements = conv.Kernel * conv.Kernel * inputsPerOutput;
        if (elements > limits.MaxKernelElements)
        {
            violations.Add(new Violation(conv.Name, $"{rule}-kernel-elements", $"each output channel has {elements} weights", $"At most {limits.MaxKernelElements} weights; use a smaller kernel or fewer input channels."));
        }
    }

    private static void CheckChannels(string node, string rule, string what, int channels, int? most, ImmutableArray<Violation>.Builder violations)
    {
        if (most is not { } limit)
        {
            violations.Add(new Violation(node, $"{rule}-support", $"it is {what}", "The march has none; end the program before it or choose another march."));
        }
        else if (channels > limit)
        {
            violations.Add(new Violation(node, $"{rule}-channels", $"it reads {channels} channels", $"At most {limit} channels."));
        }
    }
}
