using System.Runtime.CompilerServices;
using Tessera.Core;

namespace Tessera.Programs;

/// <summary>What an instruction sees of its program while it holds its rules.</summary>
/// <param name="program">The program.</param>
/// <param name="instruction">The instruction.</param>
internal sealed class InstructionCheck(IntegerProgram program, IntegerInstruction instruction)
{
    /// <summary>The program.</summary>
    public IntegerProgram Program => program;

    /// <summary>The first input.</summary>
    public IntegerTensor Input { get; } = program.Tensors[instruction.Inputs[0]];

    /// <summary>The result.</summary>
    public IntegerTensor Output { get; } = program.Tensors[instruction.Output];

    /// <summary>A tensor of the program.</summary>
    public IntegerTensor Tensor(int index) => program.Tensors[index];

    /// <summary>Holds one rule.</summary>
    /// <exception cref="BadFileException">It is broken.</exception>
    public void Require(bool holds, string problem) => ProgramVerifier.Require(holds, instruction.Name, problem);

    /// <inheritdoc cref="Require(bool, string)"/>
    public void Require(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref ProblemText problem) => ProgramVerifier.Require(holds, instruction.Name, ref problem);
}
