using System.Collections.Immutable;

namespace Tessera.Programs;

/// <summary>The channels of several tensors of one scale, one after the other.</summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Parts">Indices of the int8 tensors.</param>
/// <param name="Output">Index of the int8 result.</param>
public sealed record ConcatInstruction(string Name, ImmutableArray<int> Parts, int Output) : IntegerInstruction(Name, Output)
{
    /// <inheritdoc/>
    public override string Mnemonic => "concat";

    /// <inheritdoc/>
    public override byte StoredKind => 6;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => Parts.IsDefault ? [] : Parts;

    /// <inheritdoc/>
    public override bool MakesClassMap => false;

    /// <inheritdoc/>
    public override long ConstantBytes => 0;

    /// <inheritdoc/>
    public override int RowsRead(int input) => 1;

    /// <inheritdoc/>
    public override int RowsAtWork(int input) => 1;

    /// <inheritdoc/>
    public override int SidePadding(int input) => 0;

    /// <inheritdoc/>
    public override bool IsNonNegative(Func<int, bool> isNonNegative) => Parts.All(isNonNegative);

    /// <inheritdoc/>
    public override long Macs(IntegerTensor output) => 0;

    /// <inheritdoc/>
    public override long VectorOperations(IntegerTensor input, IntegerTensor output) => output.Count;

    /// <inheritdoc/>
    public override IntegerInstruction Through<TFields>(string name, int output, ref TFields fields) => new ConcatInstruction(name, fields.Tensors("parts", Parts), output);

    /// <inheritdoc/>
    public override void Execute(IntegerProgram program, sbyte[][] memory)
    {
        int channels = program.Tensors[Output].Channels, at = 0;
        foreach (int part in Parts)
        {
            int width = program.Tensors[part].Channels;
            for (int pixel = 0; pixel < memory[part].Length / width; pixel++)
            {
                memory[part].AsSpan(pixel * width, width).CopyTo(memory[Output].AsSpan((pixel * channels) + at));
            }

            at += width;
        }
    }

    /// <inheritdoc/>
    public override T Accept<T>(IInstructionVisitor<T> visitor) => visitor.Visit(this);

    internal override void Verify(InstructionCheck check)
    {
        check.Require(Parts.Length >= 2, $"a concatenation reads at least two tensors; it reads {Parts.Length}");
        long channels = 0;
        foreach (IntegerTensor part in Parts.Select(check.Tensor))
        {
            check.Require(part.Height == check.Output.Height && part.Width == check.Output.Width, $"{part.Name} has {part.Height}x{part.Width} pixels, the result {check.Output.Height}x{check.Output.Width}");
            check.Require(part.Scale == check.Output.Scale, $"{part.Name} has the scale {part.Scale:R}, the result {check.Output.Scale:R}");
            channels += part.Channels;
        }

        check.Require(channels == check.Output.Channels, $"its parts have {channels} channels, the result {check.Output.Channels}");
    }
}
