namespace Tessera.Programs;

/// <summary>
/// One step of an <see cref="IntegerProgram"/>; reads earlier tensors, writes one. Every fact about a kind of instruction that does not depend on who
/// executes it is a member here. A new kind is a file beside this one, a line in <see cref="InstructionTable"/>, and a method in <see cref="IInstructionVisitor{T}"/>.
/// </summary>
/// <param name="Name">The node's stable path.</param>
/// <param name="Output">Index of the tensor that it writes.</param>
public abstract record IntegerInstruction(string Name, int Output)
{
    /// <summary>The kind's name in texts.</summary>
    public abstract string Mnemonic { get; }

    /// <summary>The kind's number in artefacts; never used again for another kind.</summary>
    public abstract byte StoredKind { get; }

    /// <summary>Indices of the tensors that it reads.</summary>
    public abstract IReadOnlyList<int> Inputs { get; }

    /// <summary>Whether it makes class ids instead of int8 values.</summary>
    public abstract bool MakesClassMap { get; }

    /// <summary>Bytes of weights (1 each), biases and multipliers (4 each).</summary>
    public abstract long ConstantBytes { get; }

    /// <summary>How many rows of an input it needs at once to make one row.</summary>
    /// <param name="input">Index of one of its inputs.</param>
    public abstract int RowsRead(int input);

    /// <summary>How many rows of an input are at work while rows are streamed: those it needs, and those that come in for the next.</summary>
    /// <param name="input">Index of one of its inputs.</param>
    public abstract int RowsAtWork(int input);

    /// <summary>Zero pixels that it reads before and behind each row of an input.</summary>
    /// <param name="input">Index of one of its inputs.</param>
    public abstract int SidePadding(int input);

    /// <summary>Whether its result is never negative, given which tensors are not.</summary>
    /// <param name="isNonNegative">By tensor index.</param>
    public abstract bool IsNonNegative(Func<int, bool> isNonNegative);

    /// <summary>Multiply-adds for one image, as calops counts them.</summary>
    public abstract long Macs(IntegerTensor output);

    /// <summary>Operations on single values beside the multiply-adds, as estimates count them.</summary>
    /// <param name="input">Its first input.</param>
    /// <param name="output">Its result.</param>
    public abstract long VectorOperations(IntegerTensor input, IntegerTensor output);

    /// <summary>The instruction with each field as <paramref name="fields"/> gives it: the one enumeration of them, name and output aside.</summary>
    /// <typeparam name="TFields">A type parameter, so that a reader may live on the stack.</typeparam>
    public abstract IntegerInstruction Through<TFields>(string name, int output, ref TFields fields)
        where TFields : IInstructionFields, allows ref struct;

    /// <summary>Computes it with plain loops: the definition of its result.</summary>
    /// <param name="program">The program.</param>
    /// <param name="memory">The values of the tensors by index, H×W×C; that of the output is written.</param>
    public abstract void Execute(IntegerProgram program, sbyte[][] memory);

    /// <summary>Calls the visitor's method for this kind.</summary>
    public abstract T Accept<T>(IInstructionVisitor<T> visitor);

    /// <summary>Holds the rules of this kind; indices are in range, inputs are written and no class maps.</summary>
    internal abstract void Verify(InstructionCheck check);
}
