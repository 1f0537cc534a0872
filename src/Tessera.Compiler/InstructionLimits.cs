using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>What of one instruction does not fit the limits of a march.</summary>
/// <param name="program">The program.</param>
/// <param name="march">The march.</param>
internal sealed class InstructionLimits(IntegerProgram program, March march) : IInstructionVisitor<IEnumerable<Violation>>
{
    /// <inheritdoc/>
    public IEnumerable<Violation> Visit(ConvInstruction conv)
    {
        int channels = program.Tensors[conv.Input].Channels, groups = conv.Geometry.Groups;
        if (InstructionKinds.Of(program, conv) == InstructionKind.Depthwise)
        {
            return march.Depthwise is { } limits
                ? Convolution("depthwise", conv, channels, channels, 1, limits)
                : [new Violation(conv.Name, "depthwise-support", "it is a depthwise convolution", "The march has none; use an ordinary convolution.")];
        }

        int inputs = channels / groups, outputs = program.Tensors[conv.Output].Channels / groups;
        return
        [
            .. Convolution("conv", conv, inputs, outputs, inputs, march.Convolution),
            .. Unless(groups == 1 || march.Convolution.Grouped, conv, "conv-groups", $"it has {groups} groups of {inputs} channels", "Use one group, or as many groups as channels (depthwise)."),
        ];
    }

    /// <inheritdoc/>
    public IEnumerable<Violation> Visit(UpsampleInstruction upsample)
    {
        int factor = Math.Max(upsample.RowFactor, upsample.ColumnFactor);
        return
        [
            .. Most(upsample, "upsample", "an upsample", "channels", program.Tensors[upsample.Input].Channels, march.UpsampleMaxChannels),
            .. Unless(factor <= march.UpsampleMaxFactor, upsample, "upsample-factor", $"it makes its input {factor} times as large", $"At most {march.UpsampleMaxFactor} times in one step."),
        ];
    }

    /// <inheritdoc/>
    public IEnumerable<Violation> Visit(ArgMaxInstruction argMax) =>
        Most(argMax, "argmax", "an argmax", "channels", program.Tensors[argMax.Input].Channels, march.ArgMaxMaxChannels);

    /// <inheritdoc/>
    public IEnumerable<Violation> Visit(AveragePoolInstruction pool) =>
    [
        .. Pooled(pool, "average-pool", "an average pooling", march.AveragePool),
        .. Unless(
            !march.Arithmetic.IsFixedPoint || int.IsPow2(pool.Area), pool, "average-pool-window", $"it averages {pool.Area} values", "A device without floating point divides by powers of two only; use a window of 2, 4, 8, ... values."),
    ];

    /// <inheritdoc/>
    public IEnumerable<Violation> Visit(MaxPoolInstruction pool) => Pooled(pool, "max-pool", "a max pooling", march.MaxPool);

    /// <inheritdoc/>
    public IEnumerable<Violation> Visit(ConcatInstruction concat) => Most(concat, "concat", "a concatenation", "tensors", concat.Parts.Length, march.ConcatMaxParts);

    private static IEnumerable<Violation> Convolution(string rule, ConvInstruction conv, int inputs, int outputs, int inputsPerOutput, ConvolutionLimits limits)
    {
        (ConvAxis rows, ConvAxis columns, _) = conv.Geometry;
        int stride = Math.Max(rows.Stride, columns.Stride), dilation = Math.Max(rows.Dilation, columns.Dilation), elements = conv.Geometry.Area * inputsPerOutput;
        return
        [
            .. Unless(limits.Kernels.Contains(rows.Kernel) && limits.Kernels.Contains(columns.Kernel), conv, $"{rule}-kernel", $"its kernel is {rows.Kernel}x{columns.Kernel}", $"Use a kernel of {string.Join(", ", limits.Kernels)}."),
            .. Unless(stride <= limits.MaxStride, conv, $"{rule}-stride", $"its stride is {stride}", $"Use a stride of at most {limits.MaxStride}."),
            .. Unless(dilation <= limits.MaxDilation, conv, $"{rule}-dilation", $"its dilation is {dilation}", $"Use a dilation of at most {limits.MaxDilation}."),
            .. Unless(Math.Max(inputs, outputs) <= limits.MaxChannels, conv, $"{rule}-channels", $"it takes {inputs} channels to {outputs}", $"At most {limits.MaxChannels} channels."),
            .. Unless(elements <= limits.MaxKernelElements, conv, $"{rule}-kernel-elements", $"each output channel has {elements} weights", $"At most {limits.MaxKernelElements} weights; use a smaller kernel or fewer input channels."),
        ];
    }

    private static IEnumerable<Violation> Pooled(PoolInstruction pool, string rule, string what, PoolingLimits? limits)
    {
        int stride = Math.Max(pool.Rows.Stride, pool.Columns.Stride);
        return
        [
            .. Most(pool, rule, what, "rows or columns of a window", Math.Max(pool.Rows.Kernel, pool.Columns.Kernel), limits?.MaxKernel),
            .. Unless(limits is null || stride <= limits.MaxStride, pool, $"{rule}-stride", $"its stride is {stride}", $"Use a stride of at most {limits?.MaxStride}."),
        ];
    }

    /// <summary>A kind of instruction that a march may lack, or have up to a number of things.</summary>
    private static IEnumerable<Violation> Most(IntegerInstruction instruction, string rule, string what, string things, int count, int? most) => most is { } limit
        ? Unless(count <= limit, instruction, $"{rule}-{things.Split(' ')[0]}", $"it reads {count} {things}", $"At most {limit} {things}.")
        : [new Violation(instruction.Name, $"{rule}-support", $"it is {what}", "The march has none; end the program before it or choose another march.")];

    private static IEnumerable<Violation> Unless(bool holds, IntegerInstruction instruction, string rule, string what, string remedy) =>
        holds ? [] : [new Violation(instruction.Name, rule, what, remedy)];
}
