using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>Kinds of instructions that differ in limits and rates.</summary>
public enum InstructionKind
{
    /// <summary>A convolution over the channels of its groups.</summary>
    Convolution,

    /// <summary>A convolution with one input channel per group and more than one group.</summary>
    Depthwise,

    /// <summary>Bilinear upsampling by two.</summary>
    Upsample,

    /// <summary>The index of the largest channel.</summary>
    ArgMax,
}

/// <summary>Sorts instructions into kinds.</summary>
internal static class InstructionKinds
{
    /// <summary>The kind of an instruction of a program.</summary>
    public static InstructionKind Of(IntegerProgram program, IntegerInstruction instruction) => instruction switch
    {
        ConvInstruction conv => conv.Groups > 1 && conv.Groups == program.Tensors[conv.Input].Channels ? InstructionKind.Depthwise : InstructionKind.Convolution,
        UpsampleInstruction => InstructionKind.Upsample,
        ArgMaxInstruction => InstructionKind.ArgMax,
        _ => throw new ArgumentException($"{instruction.GetType().Name} is not an instruction that the compiler knows.", nameof(instruction)),
    };

    /// <summary>The kind as reports write it.</summary>
    public static string Label(this InstructionKind kind) => kind switch
    {
        InstructionKind.Convolution => "conv",
        InstructionKind.Depthwise => "depthwise",
        InstructionKind.Upsample => "upsample",
        _ => "argmax",
    };
}
