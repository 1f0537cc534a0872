using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Programs;

/// <summary>
/// Int8 convolution with int32 bias, requantization, and optionally a residual and a clamp (<see cref="Int8Arithmetic"/>).
/// </summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Input">Index of the int8 image.</param>
/// <param name="Residual">Index of the int8 tensor that is added before the clamp, shaped like the output; or null.</param>
/// <param name="Output">Index of the int8 result.</param>
public sealed record ConvInstruction(string Name, int Input, int? Residual, int Output) : IntegerInstruction(Name, Output)
{
    private const int MaxKernel = 15;
    private const int MaxReach = 1 << 10;

    /// <summary>Window and groups.</summary>
    public required ConvGeometry Geometry { get; init; }

    /// <summary>The lower end of the clamp: 0 behind a ReLU, else -128.</summary>
    public required int Low { get; init; }

    /// <summary>The upper end of the clamp: 127, or less for a ReLU with an upper end.</summary>
    public required int High { get; init; }

    /// <summary>How sums become int8.</summary>
    public Requantization Requantization { get; init; }

    /// <summary>Weights, output channel × input channel of the group × kernel row × kernel column.</summary>
    public required ImmutableArray<sbyte> Weights { get; init; }

    /// <summary>One int32 bias per output channel, at the accumulator's scale.</summary>
    public required ImmutableArray<int> Bias { get; init; }

    /// <summary>One factor per output channel from the accumulator's scale to the output's.</summary>
    public required ImmutableArray<float> Multipliers { get; init; }

    /// <summary>The factor from the residual's scale to the output's; 0 without a residual.</summary>
    public float ResidualMultiplier { get; init; }

    /// <summary>Whether negative results become 0.</summary>
    public bool IsRelu => Low == 0;

    /// <summary>Weights per output channel.</summary>
    public int FanIn => Weights.Length / Bias.Length;

    /// <inheritdoc/>
    public override string Mnemonic => "conv";

    /// <inheritdoc/>
    public override byte StoredKind => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => Residual is { } residual ? [Input, residual] : [Input];

    /// <inheritdoc/>
    public override bool MakesClassMap => false;

    /// <inheritdoc/>
    public override long ConstantBytes => Weights.Length + (sizeof(int) * (long)Bias.Length) + (sizeof(float) * (long)Multipliers.Length);

    /// <inheritdoc/>
    public override int RowsRead(int input) => input == Input ? Geometry.Rows.Reach : 1;

    /// <inheritdoc/>
    public override int RowsAtWork(int input) => Geometry.Rows.Reach + Geometry.Rows.Stride;

    /// <inheritdoc/>
    public override int SidePadding(int input) => input == Input ? Geometry.Columns.Padding : 0;

    /// <inheritdoc/>
    public override bool IsNonNegative(Func<int, bool> isNonNegative) => IsRelu;

    /// <inheritdoc/>
    public override long Macs(IntegerTensor output) => output.Count * (long)FanIn;

    /// <inheritdoc/>
    public override long VectorOperations(IntegerTensor input, IntegerTensor output) => Residual is null ? 0 : output.Count;

    /// <inheritdoc/>
    public override IntegerInstruction Through<TFields>(string name, int output, ref TFields fields) => new ConvInstruction(name, fields.Tensor("input", Input), fields.OptionalTensor("residual", Residual), output)
    {
        Geometry = ReadGeometry(ref fields),
        Low = fields.Number("low", Low),
        High = fields.Number("high", High),
        Requantization = fields.Requantization("requantization", Requantization),
        ResidualMultiplier = fields.Factor("residual_multiplier", ResidualMultiplier),
        Weights = fields.Bytes("weights", Weights),
        Bias = fields.Numbers("biases", Bias),
        Multipliers = fields.Factors("multipliers", Multipliers),
    };

    /// <inheritdoc/>
    public override void Execute(IntegerProgram program, sbyte[][] memory) => ReferenceConv.Run(
        this, program.Tensors[Input], program.Tensors[Output], memory[Input], Residual is { } residual ? memory[residual] : default, memory[Output]);

    /// <inheritdoc/>
    public override T Accept<T>(IInstructionVisitor<T> visitor) => visitor.Visit(this);

    internal override void Verify(InstructionCheck check)
    {
        IntegerTensor input = check.Input, output = check.Output;
        check.Require(IsPossible(Geometry.Rows) && IsPossible(Geometry.Columns), $"a window of {Geometry} is impossible");
        check.Require(Geometry.Groups > 0 && input.Channels % Geometry.Groups == 0 && output.Channels % Geometry.Groups == 0, $"{Geometry.Groups} groups do not divide its channels");
        check.Require(Geometry.Rows.OutputSize(input.Height) > 0 && Geometry.Columns.OutputSize(input.Width) > 0, "its kernel is larger than its padded input");
        check.Require(Geometry.Rows.OutputSize(input.Height) == output.Height && Geometry.Columns.OutputSize(input.Width) == output.Width, "its output size does not follow from its input size");
        check.Require(Low is 0 or Int8Arithmetic.Min && High > Low && High <= Int8Arithmetic.Max, $"it clamps to {Low}..{High}");
        check.Require(!Weights.IsDefault && !Bias.IsDefault && !Multipliers.IsDefault, "it has no weights, biases or multipliers");
        long perChannel = (long)input.Channels / Geometry.Groups * Geometry.Area;
        check.Require(Weights.Length == perChannel * output.Channels && Bias.Length == output.Channels && Multipliers.Length == output.Channels, "weights, bias or multipliers do not fit its channels");
        check.Require(Enum.IsDefined(Requantization), $"its requantization is {(int)Requantization}, which does not exist");
        foreach (float multiplier in Multipliers)
        {
            check.Require(Requantization.Holds(multiplier) && multiplier <= Requantization.LargestMultiplier, $"a multiplier is {multiplier}");
        }

        if (Residual is { } residual)
        {
            IntegerTensor shortcut = check.Tensor(residual);
            check.Require(shortcut.Height == output.Height && shortcut.Width == output.Width && shortcut.Channels == output.Channels, "its residual has another shape than its output");
        }

        check.Require(Requantization.Holds(ResidualMultiplier) && ResidualMultiplier <= Requantization.LargestResidualMultiplier, $"its residual multiplier is {ResidualMultiplier}");
        check.Require(Residual is not null || ResidualMultiplier == 0, $"it has no residual, yet a residual multiplier of {ResidualMultiplier}");
        if (AccumulatorProof.LargestBound(check.Program, this) < Int8Arithmetic.AccumulatorLimit)
        {
            return;
        }

        for (int channel = 0; channel < Bias.Length; channel++)
        {
            long bound = AccumulatorProof.Bound(check.Program, this, channel);
            check.Require(bound < Int8Arithmetic.AccumulatorLimit, $"the accumulator of channel {channel} may reach {bound}, at or above 2^24");
        }
    }

    private ConvGeometry ReadGeometry<TFields>(ref TFields fields)
        where TFields : IInstructionFields, allows ref struct
    {
        (ConvAxis rows, ConvAxis columns) = fields.Window(Geometry.Rows, Geometry.Columns);
        return new ConvGeometry(rows, columns, fields.Number("groups", Geometry.Groups));
    }

    private static bool IsPossible(ConvAxis axis) =>
        axis.IsValid && axis.Kernel <= MaxKernel && axis.Stride <= MaxKernel && axis.Dilation <= MaxReach && axis.Reach <= MaxReach && axis.Padding < axis.Reach;
}
