using Tessera.Core;

namespace Tessera.Programs;

/// <summary>An image made larger by powers of two; the scale stays.</summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Input">Index of the int8 image.</param>
/// <param name="Output">Index of the int8 result.</param>
public sealed record UpsampleInstruction(string Name, int Input, int Output) : IntegerInstruction(Name, Output)
{
    private const int BilinearOperations = 4;

    /// <summary>How many rows come from one.</summary>
    public required int RowFactor { get; init; }

    /// <summary>How many columns come from one.</summary>
    public required int ColumnFactor { get; init; }

    /// <summary>What a pixel is made of.</summary>
    public required UpsampleMode Mode { get; init; }

    /// <summary>Bilinear, by the same factor along both axes.</summary>
    public static UpsampleInstruction Bilinear(string name, int input, int output, int factor = 2) =>
        new(name, input, output) { RowFactor = factor, ColumnFactor = factor, Mode = UpsampleMode.Bilinear };

    /// <inheritdoc/>
    public override string Mnemonic => "upsample";

    /// <inheritdoc/>
    public override byte StoredKind => 2;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => [Input];

    /// <inheritdoc/>
    public override bool MakesClassMap => false;

    /// <inheritdoc/>
    public override long ConstantBytes => 0;

    /// <inheritdoc/>
    public override int RowsRead(int input) => IsBilinearDown ? 2 : 1;

    /// <inheritdoc/>
    public override int RowsAtWork(int input) => RowsRead(input) + 1;

    /// <inheritdoc/>
    public override int SidePadding(int input) => 0;

    /// <inheritdoc/>
    public override bool IsNonNegative(Func<int, bool> isNonNegative) => isNonNegative(Input);

    /// <inheritdoc/>
    public override long Macs(IntegerTensor output) => 0;

    /// <inheritdoc/>
    public override long VectorOperations(IntegerTensor input, IntegerTensor output) => (Mode == UpsampleMode.Bilinear ? BilinearOperations : 1) * (long)output.Count;

    /// <inheritdoc/>
    public override IntegerInstruction Through<TFields>(string name, int output, ref TFields fields) => new UpsampleInstruction(name, fields.Tensor("input", Input), output)
    {
        RowFactor = fields.Number("row_factor", RowFactor),
        ColumnFactor = fields.Number("column_factor", ColumnFactor),
        Mode = (UpsampleMode)fields.Number("nearest", (int)Mode),
    };

    /// <inheritdoc/>
    public override void Execute(IntegerProgram program, sbyte[][] memory) => ReferenceUpsample.Run(this, program.Tensors[Input], memory[Input], memory[Output]);

    /// <inheritdoc/>
    public override T Accept<T>(IInstructionVisitor<T> visitor) => visitor.Visit(this);

    internal override void Verify(InstructionCheck check)
    {
        check.Require(BilinearTap.IsFactor(RowFactor) && BilinearTap.IsFactor(ColumnFactor), $"upsampling by {RowFactor}x{ColumnFactor} is impossible");
        check.Require(Enum.IsDefined(Mode), $"upsampling of kind {(int)Mode} does not exist");
        check.Require(
            check.Output.Height == (long)RowFactor * check.Input.Height && check.Output.Width == (long)ColumnFactor * check.Input.Width && check.Output.Channels == check.Input.Channels && check.Output.Scale == check.Input.Scale,
            $"an upsample by {RowFactor}x{ColumnFactor} multiplies height and width and keeps channels and scale");
    }

    private bool IsBilinearDown => Mode == UpsampleMode.Bilinear && RowFactor > 1;
}
