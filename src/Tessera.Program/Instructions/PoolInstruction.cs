using Tessera.Core;

namespace Tessera.Programs;

/// <summary>One value of each channel for every window of an image; the scale stays.</summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Input">Index of the int8 image.</param>
/// <param name="Output">Index of the int8 result.</param>
public abstract record PoolInstruction(string Name, int Input, int Output) : IntegerInstruction(Name, Output)
{
    /// <summary>The window from row to row.</summary>
    public required ConvAxis Rows { get; init; }

    /// <summary>The window from column to column.</summary>
    public required ConvAxis Columns { get; init; }

    /// <summary>Values of a window.</summary>
    public int Area => Rows.Kernel * Columns.Kernel;

    /// <inheritdoc/>
    public sealed override IReadOnlyList<int> Inputs => [Input];

    /// <inheritdoc/>
    public sealed override bool MakesClassMap => false;

    /// <inheritdoc/>
    public sealed override long ConstantBytes => 0;

    /// <summary>Whether the image may be padded.</summary>
    private protected abstract bool IsPadded { get; }

    /// <inheritdoc/>
    public sealed override int RowsRead(int input) => Rows.Kernel;

    /// <inheritdoc/>
    public sealed override int RowsAtWork(int input) => Rows.Kernel + Rows.Stride;

    /// <inheritdoc/>
    public sealed override int SidePadding(int input) => 0;

    /// <inheritdoc/>
    public sealed override bool IsNonNegative(Func<int, bool> isNonNegative) => isNonNegative(Input);

    /// <inheritdoc/>
    public sealed override long Macs(IntegerTensor output) => 0;

    /// <inheritdoc/>
    public sealed override long VectorOperations(IntegerTensor input, IntegerTensor output) => (long)Area * output.Count;

    /// <inheritdoc/>
    public sealed override IntegerInstruction Through<TFields>(string name, int output, ref TFields fields)
    {
        int input = fields.Tensor("input", Input);
        (ConvAxis rows, ConvAxis columns) = fields.Window(Rows, Columns);
        return this with { Name = name, Input = input, Output = output, Rows = rows, Columns = columns };
    }

    internal sealed override void Verify(InstructionCheck check)
    {
        check.Require(Pooling.IsWindow(Rows, Columns, IsPadded), $"pooling over {new ConvGeometry(Rows, Columns)} is impossible");
        check.Require(Rows.OutputSize(check.Input.Height) > 0 && Columns.OutputSize(check.Input.Width) > 0, "its window is larger than its input");
        check.Require(Rows.OutputSize(check.Input.Height) == check.Output.Height && Columns.OutputSize(check.Input.Width) == check.Output.Width, "its output size does not follow from its input size");
        check.Require(check.Output.Channels == check.Input.Channels && check.Output.Scale == check.Input.Scale, "a pooling keeps channels and scale");
    }
}
