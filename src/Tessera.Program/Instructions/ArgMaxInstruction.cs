using System.Runtime.InteropServices;

namespace Tessera.Programs;

/// <summary>The index of the largest channel, the smallest among equals: one byte per pixel.</summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Input">Index of the int8 logits, at most 255 channels.</param>
/// <param name="Output">Index of the class map.</param>
public sealed record ArgMaxInstruction(string Name, int Input, int Output) : IntegerInstruction(Name, Output)
{
    /// <inheritdoc/>
    public override string Mnemonic => "argmax";

    /// <inheritdoc/>
    public override byte StoredKind => 3;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => [Input];

    /// <inheritdoc/>
    public override bool MakesClassMap => true;

    /// <inheritdoc/>
    public override long ConstantBytes => 0;

    /// <inheritdoc/>
    public override int RowsRead(int input) => 1;

    /// <inheritdoc/>
    public override int RowsAtWork(int input) => 1;

    /// <inheritdoc/>
    public override int SidePadding(int input) => 0;

    /// <inheritdoc/>
    public override bool IsNonNegative(Func<int, bool> isNonNegative) => false; // its bytes are ids, not values

    /// <inheritdoc/>
    public override long Macs(IntegerTensor output) => 0;

    /// <inheritdoc/>
    public override long VectorOperations(IntegerTensor input, IntegerTensor output) => input.Count;

    /// <inheritdoc/>
    public override IntegerInstruction Through<TFields>(string name, int output, ref TFields fields) => new ArgMaxInstruction(name, fields.Tensor("input", Input), output);

    /// <inheritdoc/>
    public override void Execute(IntegerProgram program, sbyte[][] memory) => ReferenceArgMax.Run(program.Tensors[Input], memory[Input], MemoryMarshal.AsBytes(memory[Output].AsSpan()));

    /// <inheritdoc/>
    public override T Accept<T>(IInstructionVisitor<T> visitor) => visitor.Visit(this);

    internal override void Verify(InstructionCheck check) => check.Require(
        check.Output.Height == check.Input.Height && check.Output.Width == check.Input.Width && check.Output.Channels == 1 && check.Input.Channels <= 255,
        "an argmax keeps height and width, makes one channel, and reads at most 255");
}
