using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>Kinds of instructions that differ in limits and rates.</summary>
public enum InstructionKind
{
    /// <summary>A convolution over the channels of its groups.</summary>
    Convolution,

    /// <summary>A convolution with one input channel per group and more than one group.</summary>
    Depthwise,

    /// <summary>An upsampling.</summary>
    Upsample,

    /// <summary>The mean of a window.</summary>
    AveragePool,

    /// <summary>The largest value of a window.</summary>
    MaxPool,

    /// <summary>Channels side by side.</summary>
    Concat,

    /// <summary>The index of the largest channel.</summary>
    ArgMax,
}

/// <summary>Sorts instructions into kinds.</summary>
internal static class InstructionKinds
{
    /// <summary>The kind of an instruction of a program.</summary>
    public static InstructionKind Of(IntegerProgram program, IntegerInstruction instruction) => instruction.Accept(new Sorter(program));

    /// <summary>The kind as reports write it.</summary>
    public static string Label(this InstructionKind kind) => kind switch
    {
        InstructionKind.Convolution => "conv",
        InstructionKind.Depthwise => "depthwise",
        InstructionKind.Upsample => "upsample",
        InstructionKind.AveragePool => "average_pool",
        InstructionKind.MaxPool => "max_pool",
        InstructionKind.Concat => "concat",
        InstructionKind.ArgMax => "argmax",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of instruction."),
    };

    private sealed class Sorter(IntegerProgram program) : IInstructionVisitor<InstructionKind>
    {
        public InstructionKind Visit(ConvInstruction conv) =>
            conv.Geometry.Groups > 1 && conv.Geometry.Groups == program.Tensors[conv.Input].Channels ? InstructionKind.Depthwise : InstructionKind.Convolution;

        public InstructionKind Visit(UpsampleInstruction upsample) => InstructionKind.Upsample;

        public InstructionKind Visit(AveragePoolInstruction pool) => InstructionKind.AveragePool;

        public InstructionKind Visit(MaxPoolInstruction pool) => InstructionKind.MaxPool;

        public InstructionKind Visit(ConcatInstruction concat) => InstructionKind.Concat;

        public InstructionKind Visit(ArgMaxInstruction argMax) => InstructionKind.ArgMax;
    }
}
