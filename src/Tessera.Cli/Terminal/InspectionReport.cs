using System.Globalization;
using Tessera.Core;
using Tessera.Imaging;
using Tessera.Programs;
using Tessera.Runtime;

namespace Tessera.Cli.Terminal;

/// <summary>Shows an artefact: its head, sections, memory plan and instructions, and on request a summary of its weights.</summary>
internal static class InspectionReport
{
    /// <summary>Writes everything to standard output.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="path">The artefact's file.</param>
    /// <param name="artefact">What it holds.</param>
    /// <param name="withWeights">Also summarise the weights of each convolution.</param>
    public static void Write(CommandConsole console, string path, Artefact artefact, bool withWeights)
    {
        WriteHead(console, path, artefact);
        WriteSections(console, artefact.Layout);
        WriteMemory(console, artefact.Compiled);
        if (withWeights)
        {
            WriteWeights(console, artefact.Compiled.Program);
        }

        console.Out.WriteLine("instructions, in the order in which they are executed");
        console.Out.WriteLine(ProgramText.Print(artefact.Compiled.Program).TrimEnd('\n'));
        foreach (string line in SlowLayers.Lines(artefact.Compiled.Program, KernelSet.Best))
        {
            console.Out.WriteLine($"remark: {line}");
        }
    }

    private static void WriteHead(CommandConsole console, string path, Artefact artefact)
    {
        (CompiledProgram compiled, bool matches, ArtefactLayout layout) = artefact;
        IntegerProgram program = compiled.Program;
        TextTable table = console.NewTable();
        table.AddColumn("artefact");
        table.AddColumn("");
        Row("network", program.Name);
        Row("compiled", $"for march {compiled.Info.March}, --opt {compiled.Info.OptLevel}, by Tessera {compiled.Info.ToolVersion}");
        Row("file", $"format {layout.Version}, {Number(layout.FileBytes)} bytes");
        Row("checksum", matches ? $"SHA-256 {layout.StatedChecksum}, ok" : $"WRONG: the header states SHA-256 {layout.StatedChecksum}, and the content has another");
        Row("image", $"{program.Input.Name}: {Shape(program.Input)} int8, YUV444 minus 128, {(compiled.Info.Swing == YuvSwing.Full ? "full swing" : "studio swing with subsampled chroma")}");
        foreach (IntegerOutput output in program.Outputs)
        {
            IntegerTensor tensor = program.Tensors[output.Tensor];
            Row("output", $"{output.Name}: {Shape(tensor)} {(tensor.IsClassMap ? "class ids" : "int8 logits")}");
        }

        Row("classes", compiled.Info.Classes.Length == 0 ? "none" : $"{compiled.Info.Classes.Length}: {string.Join(", ", compiled.Info.Classes.Select(entry => entry.Name))}");
        InstructionCost[] costs = [.. program.Instructions.Select(instruction => InstructionCost.Of(program, instruction))];
        Row("instructions", string.Create(CultureInfo.InvariantCulture, $"{costs.Length}, with {costs.Sum(cost => cost.Macs) / 1e9:0.000000} G multiply-adds"));
        Row("constants", $"{Number(costs.Sum(cost => cost.ConstantBytes))} bytes of weights, biases and multipliers");
        Row("arena", $"{Number(compiled.Memory.ArenaBytes)} bytes for all activations of one frame");
        console.WriteTable(path, table);

        void Row(string name, string value) => table.AddRow(name, value);
    }

    private static void WriteSections(CommandConsole console, ArtefactLayout layout)
    {
        TextTable table = NumberTable(console, "section", "first byte", "bytes");
        table.AddRow("header", "0", Number(layout.HeaderBytes));
        foreach (ArtefactSection section in layout.Sections)
        {
            table.AddRow(section.Tag, Number(section.At), Number(section.Bytes));
        }

        console.WriteTable("sections of the file", table);
    }

    private static void WriteMemory(CommandConsole console, CompiledProgram compiled)
    {
        IntegerProgram program = compiled.Program;
        TensorLifetime[] lifetimes = TensorLifetime.Of(program);
        TextTable table = NumberTable(console, "tensor", "shape", "bytes", "first byte", "last byte", "written by step", "needed until step");
        for (int i = 0; i < program.Tensors.Length; i++)
        {
            IntegerTensor tensor = program.Tensors[i];
            int at = compiled.Memory.Offsets[i];
            table.AddRow(
                tensor.Name,
                Shape(tensor),
                Number(tensor.Count),
                Number(at),
                Number(at + (long)tensor.Count - 1),
                lifetimes[i].First < 0 ? "caller" : Number(lifetimes[i].First),
                lifetimes[i].Last == program.Instructions.Length ? "end" : Number(lifetimes[i].Last));
        }

        console.WriteTable($"memory plan of {Number(compiled.Memory.ArenaBytes)} bytes", table);
    }

    private static void WriteWeights(CommandConsole console, IntegerProgram program)
    {
        TextTable table = NumberTable(console, "convolution", "weights", "least", "largest", "zeros", "biases", "multipliers", "largest sum / 2^24");
        foreach (ConvInstruction conv in program.Instructions.OfType<ConvInstruction>())
        {
            long bound = AccumulatorProof.LargestBound(program, conv);
            table.AddRow(
                conv.Name,
                Number(conv.Weights.Length),
                Number(conv.Weights.Min()),
                Number(conv.Weights.Max()),
                string.Create(CultureInfo.InvariantCulture, $"{100.0 * conv.Weights.Count(weight => weight == 0) / conv.Weights.Length:0.0} %"),
                $"{Number(conv.Bias.Min())} to {Number(conv.Bias.Max())}",
                string.Create(CultureInfo.InvariantCulture, $"{conv.Multipliers.Min():G4} to {conv.Multipliers.Max():G4}"),
                string.Create(CultureInfo.InvariantCulture, $"{100.0 * bound / Int8Arithmetic.AccumulatorLimit:0.0} %"));
        }

        console.WriteTable("weights; the last column is the share of the accumulator's exact range that the worst image could use", table);
    }

    private static TextTable NumberTable(CommandConsole console, string first, params ReadOnlySpan<string> numbers)
    {
        TextTable table = console.NewTable();
        table.AddColumn(first);
        table.AddNumberColumns(numbers);

        return table;
    }

    private static string Shape(IntegerTensor tensor) => string.Create(CultureInfo.InvariantCulture, $"{tensor.Height}x{tensor.Width}x{tensor.Channels}");

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
