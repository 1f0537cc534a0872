namespace Tessera.Programs;

/// <summary>The mean of each channel over a window: the int32 sum, requantized once by <c>float32(1 / area)</c>; the scale stays.</summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Input">Index of the int8 image.</param>
/// <param name="Output">Index of the int8 result.</param>
public sealed record AveragePoolInstruction(string Name, int Input, int Output) : PoolInstruction(Name, Input, Output)
{
    /// <inheritdoc/>
    public override string Mnemonic => "average_pool";

    /// <inheritdoc/>
    public override byte StoredKind => 4;

    private protected override bool IsPadded => false;

    /// <inheritdoc/>
    public override void Execute(IntegerProgram program, sbyte[][] memory) =>
        ReferenceAveragePool.Run(this, program.Tensors[Input], program.Tensors[Output], memory[Input], memory[Output]);

    /// <inheritdoc/>
    public override T Accept<T>(IInstructionVisitor<T> visitor) => visitor.Visit(this);
}
