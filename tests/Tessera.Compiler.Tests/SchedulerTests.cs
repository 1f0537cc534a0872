using Tessera.Imaging;
using Tessera.Programs;
using Tessera.Runtime;

namespace Tessera.Compiler.Tests;

public class SchedulerTests
{
    private static readonly CompilationInfo Info = new("cpu", 0, "test", [], YuvSwing.Full);

    [Fact]
    public void The_real_network_needs_less_at_each_level_and_level_2_meets_the_lower_bound()
    {
        LevelMemory[] levels = [.. Enum.GetValues<OptLevel>().Select(level => Scheduler.Run(RealNetwork.Deploy, level, 64).Summary)];
        Assert.Equal([116_129_792, 14_680_064, 12_582_912], levels.Select(level => level.ArenaBytes));
        Assert.All(levels, level => Assert.Equal(12_582_912, level.LowerBoundBytes));
    }

    [Fact]
    public void The_training_form_needs_less_at_each_level_too()
    {
        long[] arenas = [.. Enum.GetValues<OptLevel>().Select(level => Scheduler.Run(RealNetwork.Training, level, 64).Summary.ArenaBytes)];
        Assert.True(arenas[2] <= arenas[1] && arenas[1] < arenas[0], string.Join(" ", arenas));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(256)]
    public void Random_programs_never_overlap_and_never_need_more_at_a_higher_level(int alignment)
    {
        int smaller = 0;
        for (int seed = 0; seed < 150; seed++)
        {
            IntegerProgram program = RandomPrograms.Graph(seed);
            Schedule[] schedules = [.. Enum.GetValues<OptLevel>().Select(level => Scheduler.Run(program, level, alignment))];
            foreach (Schedule schedule in schedules)
            {
                // The constructor proves that no two living tensors share a byte.
                var compiled = new CompiledProgram(schedule.Program, schedule.ToDevicePlan(), Info);
                Assert.All(compiled.Memory.Offsets, offset => Assert.Equal(0, offset % alignment));
                Assert.True(schedule.Summary.ArenaBytes >= schedule.Summary.LowerBoundBytes);
                Assert.Equal(program.Instructions.Length, schedule.Program.Instructions.Distinct().Count());
                Assert.Empty(program.Instructions.Except(schedule.Program.Instructions));
            }

            Assert.True(schedules[1].Summary.ArenaBytes <= schedules[0].Summary.ArenaBytes, $"seed {seed}");
            Assert.True(schedules[2].Summary.ArenaBytes <= schedules[1].Summary.ArenaBytes, $"seed {seed}");
            Assert.Same(program, schedules[0].Program);
            Assert.Same(program, schedules[1].Program);
            smaller += schedules[2].Summary.ArenaBytes < schedules[1].Summary.ArenaBytes ? 1 : 0;
        }

        Assert.True(smaller > 10, $"Level 2 was smaller in {smaller} of 150 programs only.");
    }

    [Fact]
    public void Every_level_computes_the_same_bits_as_the_reference()
    {
        for (int seed = 0; seed < 12; seed++)
        {
            IntegerProgram program = RandomPrograms.Graph(seed);
            sbyte[] image = RandomPrograms.Image(program, seed);
            foreach (OptLevel level in Enum.GetValues<OptLevel>())
            {
                Schedule schedule = Scheduler.Run(program, level, 64);
                var model = new CompiledModel(new CompiledProgram(schedule.Program, schedule.ToDevicePlan(), Info));
                Assert.Null(ProgramComparison.FirstDifference(program, model, image));
            }
        }
    }

    [Fact]
    public void Independent_branches_are_reordered_when_that_lowers_the_peak()
    {
        // Two wide branches that end in one channel each: finishing one before the other begins halves what lives at once.
        IntegerProgram program = WideBranches();
        Schedule inOrder = Scheduler.Run(program, OptLevel.O1, 1);
        Schedule reordered = Scheduler.Run(program, OptLevel.O2, 1);
        Assert.Equal((3 + 32 + 32) * 256, inOrder.Summary.LowerBoundBytes);
        Assert.Equal((3 + 32 + 1) * 256, reordered.Summary.ArenaBytes);
        Assert.Equal(["a.wide", "a.narrow", "b.wide", "b.narrow"], reordered.Program.Instructions.Select(instruction => instruction.Name));
    }

    [Fact]
    public void An_arena_above_the_limit_is_refused_with_its_size_and_a_remedy()
    {
        Schedule schedule = Scheduler.Run(WideBranches(), OptLevel.O0, 1 << 30);
        string message = Assert.Throws<Core.WorkException>(() => schedule.ToDevicePlan()).Message;
        Assert.Contains("5368709120 bytes at --opt 0", message);
        Assert.Contains("higher --opt", message);
    }

    [Fact]
    public void What_a_reader_would_refuse_is_said_by_the_compiler_and_a_higher_level_compiles()
    {
        // 0.4 and twice 0.5 GB: together more than an artefact's reader takes, though int32 holds the number.
        ConvInstruction first = (ConvInstruction)RandomPrograms.Single("a", 3, 4, 1, 1, 1).Instructions[0], second = (ConvInstruction)RandomPrograms.Single("b", 4, 4, 1, 1, 1).Instructions[0];
        var program = new IntegerProgram(
            "large",
            [new("img", 8192, 16384, 3, 0.01f), new("a", 8192, 16384, 4, 0.1f), new("b", 8192, 16384, 4, 0.1f)],
            [first, second with { Input = 1, Output = 2 }],
            [new("out", 2)]);
        March march = March.Find("cpu");
        string message = Assert.Throws<Core.WorkException>(() => ModelCompiler.Compile(program, new CompileOptions(march, OptLevel.O0, []))).Message;
        Assert.StartsWith("large for images of 8192x16384 needs an arena of 1476395008 bytes at --opt 0; a model may have 1073741824. Use a higher --opt", message);
        CompiledProgram compiled = ModelCompiler.Compile(program, new CompileOptions(march, OptLevel.O1, [])).Compiled;
        Assert.Equal(compiled.Memory.ArenaBytes, ArtefactReader.Parse(ArtefactWriter.ToBytes(compiled), "m.tsr").Compiled.Memory.ArenaBytes);
    }

    private static IntegerProgram WideBranches()
    {
        ConvInstruction wide = (ConvInstruction)RandomPrograms.Single("wide", 3, 32, 1, 1, 1).Instructions[0];
        ConvInstruction narrow = (ConvInstruction)RandomPrograms.Single("narrow", 32, 1, 1, 1, 1).Instructions[0];
        return new IntegerProgram(
            "branches",
            [new("img", 16, 16, 3, 0.01f), new("a.wide", 16, 16, 32, 0.1f), new("b.wide", 16, 16, 32, 0.1f), new("a.narrow", 16, 16, 1, 0.1f), new("b.narrow", 16, 16, 1, 0.1f)],
            [
                wide with { Name = "a.wide" },
                wide with { Name = "b.wide", Output = 2 },
                narrow with { Name = "a.narrow", Input = 1, Output = 3 },
                narrow with { Name = "b.narrow", Input = 2, Output = 4 },
            ],
            [new("a", 3), new("b", 4)]);
    }
}
