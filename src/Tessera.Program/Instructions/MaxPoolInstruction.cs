using Tessera.Core;

namespace Tessera.Programs;

/// <summary>The largest value of each channel in a window; what lies beyond the image does not count; the scale stays.</summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Input">Index of the int8 image.</param>
/// <param name="Output">Index of the int8 result.</param>
public sealed record MaxPoolInstruction(string Name, int Input, int Output) : IntegerInstruction(Name, Output)
{
    /// <summary>The window from row to row.</summary>
    public required ConvAxis Rows { get; init; }

    /// <summary>The window from column to column.</summary>
    public required ConvAxis Columns { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "max_pool";

    /// <inheritdoc/>
    public override byte StoredKind => 5;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => [Input];

    /// <inheritdoc/>
    public override bool MakesClassMap => false;

    /// <inheritdoc/>
    public override long ConstantBytes => 0;

    /// <inheritdoc/>
    public override int RowsRead(int input) => Rows.Kernel;

    /// <inheritdoc/>
    public override int RowsAtWork(int input) => Rows.Kernel + Rows.Stride;

    /// <inheritdoc/>
    public override int SidePadding(int input) => 0;

    /// <inheritdoc/>
    public override bool IsNonNegative(Func<int, bool> isNonNegative) => isNonNegative(Input);

    /// <inheritdoc/>
    public override long Macs(IntegerTensor output) => 0;

    /// <inheritdoc/>
    public override long VectorOperations(IntegerTensor input, IntegerTensor output) => (long)Rows.Kernel * Columns.Kernel * output.Count;

    /// <inheritdoc/>
    public override IntegerInstruction Through<TFields>(string name, int output, ref TFields fields)
    {
        int input = fields.Tensor("input", Input);
        (ConvAxis rows, ConvAxis columns) = fields.Window(Rows, Columns);
        return new MaxPoolInstruction(name, input, output) { Rows = rows, Columns = columns };
    }

    /// <inheritdoc/>
    public override void Execute(IntegerProgram program, sbyte[][] memory) =>
        ReferenceMaxPool.Run(this, program.Tensors[Input], program.Tensors[Output], memory[Input], memory[Output]);

    /// <inheritdoc/>
    public override T Accept<T>(IInstructionVisitor<T> visitor) => visitor.Visit(this);

    internal override void Verify(InstructionCheck check)
    {
        check.Require(IsPossible(Rows) && IsPossible(Columns), $"the largest of {new ConvGeometry(Rows, Columns)} is impossible");
        check.Require(Rows.OutputSize(check.Input.Height) > 0 && Columns.OutputSize(check.Input.Width) > 0, "its window is larger than its input");
        check.Require(Rows.OutputSize(check.Input.Height) == check.Output.Height && Columns.OutputSize(check.Input.Width) == check.Output.Width, "its output size does not follow from its input size");
        check.Require(check.Output.Channels == check.Input.Channels && check.Output.Scale == check.Input.Scale, "a pooling keeps channels and scale");
    }

    private static bool IsPossible(ConvAxis axis) => axis.IsValid && axis.Padding <= axis.Kernel / 2 && axis.Dilation == 1;
}
