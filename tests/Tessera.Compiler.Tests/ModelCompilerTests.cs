using Tessera.Core;
using Tessera.Imaging;
using Tessera.Programs;

namespace Tessera.Compiler.Tests;

public class ModelCompilerTests
{
    [Fact]
    public void A_compilation_carries_plan_provenance_estimate_and_memory()
    {
        CompilationResult result = ModelCompiler.Compile(RealNetwork.Deploy, RealNetwork.Options("nash-m", OptLevel.O2));
        Assert.Equal("nash-m", result.Compiled.Info.March);
        Assert.Equal(2, result.Compiled.Info.OptLevel);
        Assert.Matches(@"^\d+\.\d+\.\d+$", result.Compiled.Info.ToolVersion);
        Assert.Equal(ClassTable.Cityscapes.Classes, result.Compiled.Info.Classes);
        Assert.Equal(YuvSwing.Full, result.Compiled.Info.Swing);
        CompileOptions studio = RealNetwork.Options("nash-m", OptLevel.O2) with { Swing = YuvSwing.StudioSubsampled };
        Assert.Equal(YuvSwing.StudioSubsampled, ModelCompiler.Compile(RealNetwork.Deploy, studio).Compiled.Info.Swing);
        Assert.Equal(result.Compiled.Program.Instructions.Select(instruction => instruction.Name), result.Estimate.Layers.Select(layer => layer.Name));
        Assert.Equal(result.Compiled.Memory.ArenaBytes, result.Memory.ArenaBytes);
        Assert.Equal(result.Memory.Levels[2].ArenaBytes, result.Memory.ArenaBytes);
        Assert.Equal(1024 * 2048 * 3, result.Memory.InputBytes);
        Assert.Equal(256 * 512, result.Memory.OutputBytes);
        Assert.Equal(1_038_856, result.Memory.StaticBytes);
        Assert.True(result.Memory.AnyOrderBoundBytes <= result.Memory.LowerBoundBytes);
        Assert.Single(result.Check.Remarks);
    }

    [Fact]
    public void The_wrong_number_of_class_names_is_an_error()
    {
        CompileOptions options = new(March.Find("cpu"), OptLevel.O2, RandomPrograms.Classes("road", "car"));
        string message = Assert.Throws<UsageException>(() => ModelCompiler.Compile(RandomPrograms.UpsampleAndArgMax(3), options)).Message;
        Assert.Contains("classes chooses among 3 classes, but 2 class names are given", message);
    }

    [Fact]
    public void Compiling_twice_gives_the_same_program_and_plan()
    {
        IntegerProgram program = RandomPrograms.Graph(7);
        CompileOptions options = new(March.Find("cpu"), OptLevel.O2, []);
        CompilationResult first = ModelCompiler.Compile(program, options);
        CompilationResult second = ModelCompiler.Compile(program, options);
        Assert.Equal(first.Compiled.Memory.Offsets.AsEnumerable(), second.Compiled.Memory.Offsets);
        Assert.Equal(ReportJson.Write(first), ReportJson.Write(second));
    }

    [Fact]
    public void The_hash_of_a_program_changes_with_a_single_weight_and_with_the_order()
    {
        IntegerProgram program = RandomPrograms.Graph(3);
        var conv = program.Instructions.OfType<ConvInstruction>().First();
        sbyte[] weights = [.. conv.Weights];
        weights[0] ^= 1;
        var changed = new IntegerProgram(program.Name, program.Tensors, program.Instructions.Replace(conv, conv with { Weights = [.. weights] }), program.Outputs);
        Assert.Equal(ProgramHash.Of(program), ProgramHash.Of(RandomPrograms.Graph(3)));
        Assert.NotEqual(ProgramHash.Of(program), ProgramHash.Of(changed));
        Assert.Matches("^[0-9a-f]{64}$", ProgramHash.Of(program));
    }
}
