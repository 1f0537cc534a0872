using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>Holds one instruction against the limits of a march; returns how many of them it breaks.</summary>
/// <param name="program">The program.</param>
/// <param name="march">The march.</param>
/// <param name="violations">Receives what does not fit.</param>
internal sealed class InstructionLimits(IntegerProgram program, March march, ImmutableArray<Violation>.Builder violations) : IInstructionVisitor<int>
{
    private readonly int _before = violations.Count;

    private int Found => violations.Count - _before;

    /// <inheritdoc/>
    public int Visit(ConvInstruction conv)
    {
        int channels = program.Tensors[conv.Input].Channels, groups = conv.Geometry.Groups;
        int inputs = channels / groups, outputs = program.Tensors[conv.Output].Channels / groups;
        if (InstructionKinds.Of(program, conv) != InstructionKind.Depthwise)
        {
            Check("conv", conv, inputs, outputs, inputs, march.Convolution);
            Require(groups == 1 || march.Convolution.Grouped, conv, "conv-groups", $"it has {groups} groups of {inputs} channels", "Use one group, or as many groups as channels (depthwise).");
        }
        else if (march.Depthwise is { } limits)
        {
            Check("depthwise", conv, channels, channels, 1, limits);
        }
        else
        {
            Report(conv, "depthwise-support", "it is a depthwise convolution", "The march has none; use an ordinary convolution.");
        }

        return Found;
    }

    /// <inheritdoc/>
    public int Visit(UpsampleInstruction upsample)
    {
        CheckMost(upsample, "upsample", "an upsample", "channels", program.Tensors[upsample.Input].Channels, march.UpsampleMaxChannels);
        int factor = Math.Max(upsample.RowFactor, upsample.ColumnFactor);
        Require(factor <= march.UpsampleMaxFactor, upsample, "upsample-factor", $"it makes its input {factor} times as large", $"At most {march.UpsampleMaxFactor} times in one step.");
        return Found;
    }

    /// <inheritdoc/>
    public int Visit(ArgMaxInstruction argMax)
    {
        CheckMost(argMax, "argmax", "an argmax", "channels", program.Tensors[argMax.Input].Channels, march.ArgMaxMaxChannels);
        return Found;
    }

    /// <inheritdoc/>
    public int Visit(AveragePoolInstruction pool) => CheckPooling(pool, "average-pool", "an average pooling", pool.Rows, pool.Columns, march.AveragePool);

    /// <inheritdoc/>
    public int Visit(MaxPoolInstruction pool) => CheckPooling(pool, "max-pool", "a max pooling", pool.Rows, pool.Columns, march.MaxPool);

    /// <inheritdoc/>
    public int Visit(ConcatInstruction concat)
    {
        CheckMost(concat, "concat", "a concatenation", "tensors", concat.Parts.Length, march.ConcatMaxParts);
        return Found;
    }

    private void Check(string rule, ConvInstruction conv, int inputs, int outputs, int inputsPerOutput, ConvolutionLimits limits)
    {
        (ConvAxis rows, ConvAxis columns, _) = conv.Geometry;
        int stride = Math.Max(rows.Stride, columns.Stride), dilation = Math.Max(rows.Dilation, columns.Dilation), elements = conv.Geometry.Area * inputsPerOutput;
        Require(limits.Kernels.Contains(rows.Kernel) && limits.Kernels.Contains(columns.Kernel), conv, $"{rule}-kernel", $"its kernel is {rows.Kernel}x{columns.Kernel}", $"Use a kernel of {string.Join(", ", limits.Kernels)}.");
        Require(stride <= limits.MaxStride, conv, $"{rule}-stride", $"its stride is {stride}", $"Use a stride of at most {limits.MaxStride}.");
        Require(dilation <= limits.MaxDilation, conv, $"{rule}-dilation", $"its dilation is {dilation}", $"Use a dilation of at most {limits.MaxDilation}.");
        Require(Math.Max(inputs, outputs) <= limits.MaxChannels, conv, $"{rule}-channels", $"it takes {inputs} channels to {outputs}", $"At most {limits.MaxChannels} channels.");
        Require(elements <= limits.MaxKernelElements, conv, $"{rule}-kernel-elements", $"each output channel has {elements} weights", $"At most {limits.MaxKernelElements} weights; use a smaller kernel or fewer input channels.");
    }

    private int CheckPooling(IntegerInstruction pool, string rule, string what, ConvAxis rows, ConvAxis columns, PoolingLimits? limits)
    {
        CheckMost(pool, rule, what, "rows or columns of a window", Math.Max(rows.Kernel, columns.Kernel), limits?.MaxKernel);
        int stride = Math.Max(rows.Stride, columns.Stride);
        Require(limits is null || stride <= limits.MaxStride, pool, $"{rule}-stride", $"its stride is {stride}", $"Use a stride of at most {limits?.MaxStride}.");
        return Found;
    }

    /// <summary>A kind of instruction that a march may lack, or have up to a number of things.</summary>
    private void CheckMost(IntegerInstruction instruction, string rule, string what, string things, int count, int? most)
    {
        if (most is not { } limit)
        {
            Report(instruction, $"{rule}-support", $"it is {what}", "The march has none; end the program before it or choose another march.");
        }
        else
        {
            Require(count <= limit, instruction, $"{rule}-{things.Split(' ')[0]}", $"it reads {count} {things}", $"At most {limit} {things}.");
        }
    }

    private void Require(bool holds, IntegerInstruction instruction, string rule, string what, string remedy)
    {
        if (!holds)
        {
            Report(instruction, rule, what, remedy);
        }
    }

    private void Report(IntegerInstruction instruction, string rule, string what, string remedy) => violations.Add(new Violation(instruction.Name, rule, what, remedy));
}
