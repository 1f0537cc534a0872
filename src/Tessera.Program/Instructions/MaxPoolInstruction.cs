namespace Tessera.Programs;

/// <summary>The largest value of each channel in a window; what lies beyond the image does not count; the scale stays.</summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Input">Index of the int8 image.</param>
/// <param name="Output">Index of the int8 result.</param>
public sealed record MaxPoolInstruction(string Name, int Input, int Output) : PoolInstruction(Name, Input, Output)
{
    /// <inheritdoc/>
    public override string Mnemonic => "max_pool";

    /// <inheritdoc/>
    public override byte StoredKind => 5;

    private protected override bool IsPadded => true;

    /// <inheritdoc/>
    public override void Execute(IntegerProgram program, sbyte[][] memory) =>
        ReferenceMaxPool.Run(this, program.Tensors[Input], program.Tensors[Output], memory[Input], memory[Output]);

    /// <inheritdoc/>
    public override T Accept<T>(IInstructionVisitor<T> visitor) => visitor.Visit(this);
}
