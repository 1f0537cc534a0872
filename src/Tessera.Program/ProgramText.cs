using System.Globalization;
using System.Text;

namespace Tessera.Programs;

/// <summary>
/// Programs as readable text: one line per instruction, <c>%tensor = kind(%inputs) attributes : HxWxC scale</c>. For people and tests;
/// the artefact is the form that is read back.
/// </summary>
public static class ProgramText
{
    /// <summary>Writes a program as text, lines ended by a line feed.</summary>
    public static string Print(IntegerProgram program)
    {
        var text = new StringBuilder();
        AppendBody(text, program, static _ => "");
        return text.ToString();
    }

    /// <summary>Writes a compiled program: how it was compiled, and with each tensor its first byte in the arena and the steps through which it lives.</summary>
    public static string Print(CompiledProgram compiled)
    {
        TensorLifetime[] lifetimes = TensorLifetime.Of(compiled.Program);
        var text = new StringBuilder();
        Append(text, $"march {compiled.Info.March}\nopt {compiled.Info.OptLevel}\ntool {compiled.Info.ToolVersion}\n");
        Append(text, $"classes {string.Join(", ", compiled.Info.Classes.Select(entry => entry.Name))}\nswing {compiled.Info.Swing}\narena {compiled.Memory.ArenaBytes}\n");
        AppendBody(text, compiled.Program, tensor => Invariant($" at={compiled.Memory.Offsets[tensor]} live={lifetimes[tensor].First}..{lifetimes[tensor].Last}"));
        return text.ToString();
    }

    private static void AppendBody(StringBuilder text, IntegerProgram program, Func<int, string> placeOf)
    {
        Append(text, $"program {program.Name}\n%{program.Input.Name} = image() : {Shape(program.Input)}{placeOf(0)}\n");
        foreach (IntegerInstruction instruction in program.Instructions)
        {
            IntegerTensor output = program.Tensors[instruction.Output];
            string inputs = string.Join(", ", instruction.Inputs.Select(input => $"%{program.Tensors[input].Name}"));
            Append(text, $"%{output.Name} = {instruction.Mnemonic}({inputs}){Attributes(program, instruction)} : {Shape(output)}{placeOf(instruction.Output)}\n");
        }

        foreach (IntegerOutput output in program.Outputs)
        {
            Append(text, $"output {output.Name} = %{program.Tensors[output.Tensor].Name}\n");
        }
    }

    private static string Attributes(IntegerProgram program, IntegerInstruction instruction)
    {
        var fields = new FieldText();
        instruction.Through(instruction.Name, instruction.Output, ref fields);
        InstructionCost cost = InstructionCost.Of(program, instruction);
        string costs = cost.ConstantBytes == 0 ? "" : Invariant($" constant_bytes={cost.ConstantBytes} macs={cost.Macs}");
        return $"{fields}{costs}";
    }

    private static string Shape(IntegerTensor tensor) =>
        Invariant($"{tensor.Height}x{tensor.Width}x{tensor.Channels}{(tensor.IsClassMap ? " classes" : Invariant($" scale={tensor.Scale:R}"))}");

    private static void Append(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
