using Tessera.Programs;
using Tessera.Runtime.Execution;
using Tessera.Runtime.Tests.Kernels;
using Tessera.Runtime.Tests.Processes;

namespace Tessera.Runtime.Tests.Execution;

/// <summary>Whole programs, with every kernel set and number of threads, equal the reference in every element.</summary>
public class CompiledModelEqualityTests
{
    private const int RandomGraphs = 120;

    private static readonly Lazy<ProgramCheck[]> Graphs = new(() => [.. Enumerable.Range(0, RandomGraphs).Select(seed => new ProgramCheck(GraphPrograms.Random(seed)))]);

    private static readonly Lazy<ProgramCheck[]> Large = new(() => [new(GraphPrograms.Large()), new(GraphPrograms.LargeWithBranch())]);

    public static TheoryData<string> Sets => KernelSets.Names;

    [Theory]
    [MemberData(nameof(Sets))]
    public void Random_graphs_give_the_reference_s_outputs_for_any_number_of_threads(string set)
    {
        foreach (int threads in (int[])[1, 2, 3, 7])
        {
            using var pool = new WorkerPool(threads);
            Assert.All(Graphs.Value, check => check.Outputs(new ExecutionOptions { Pool = pool, Kernels = KernelSet.Named(set) }));
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Random_graphs_give_the_reference_s_layers(string set) =>
        Assert.All(Graphs.Value, check => check.Layers(new ExecutionOptions { Kernels = KernelSet.Named(set) }));

    [Theory]
    [MemberData(nameof(Sets))]
    public void Programs_that_do_not_stay_in_the_cache_give_the_reference_s_outputs(string set)
    {
        var kernels = KernelSet.Named(set);
        int[] threadCounts = set == "scalar" ? [1, 3] : [1, 2, 3, 7]; // one value after another takes its time
        foreach (ProgramCheck check in Large.Value)
        {
            Assert.All(threadCounts, threads => check.Outputs(new ExecutionOptions { Threads = threads, Kernels = kernels }));
            check.Layers(new ExecutionOptions { Kernels = kernels });

            // Otherwise the programs would not be large enough for what they are to show.
            var plan = ExecutionPlan.Create(check.Program, kernels, keepAll: false);
            Assert.Contains(plan.Stages, stage => stage.Overlap > 0 && stage.Bands(2) > 1 && stage.Rings.Length > 1);
        }
    }

    // In a child process, which a stack overflow would end.
    [Fact]
    public async Task A_chain_as_long_as_a_program_may_be_needs_little_stack()
    {
        ChildOutcome child = await TestChild.RunAsync(ChildJobs.LongChain);
        child.AssertDone();
        Assert.Equal("the reference is done\n", child.Output);
    }

    [Fact]
    public void The_random_graphs_hold_what_they_are_to_show()
    {
        IntegerProgram[] programs = [.. Graphs.Value.Select(check => check.Program)];
        Assert.Contains(programs, program => program.Outputs.Any(output => output.Tensor == 0));
        Assert.Contains(programs, program => program.Input is { Height: 1, Width: > 1 });
        Assert.Contains(programs, program => program.Input is { Width: 1, Height: > 1 });
        Assert.Contains(programs, program => program.Instructions.Any(instruction => instruction is ConvInstruction { Residual: 0 }));
        Assert.Contains(programs, program => program.Instructions.Any(instruction => instruction is ConvInstruction conv && conv.Residual == conv.Input));
        Assert.Contains(programs, program => program.Instructions.Any(instruction => instruction is ConvInstruction conv && conv.Geometry.Rows.Stride > conv.Geometry.Rows.Kernel));
        Assert.Contains(programs, program => program.Instructions.Any(instruction => instruction is ConvInstruction conv && conv.Geometry.Rows.Kernel > program.Tensors[conv.Input].Height));
        Assert.All(
            (Type[])[typeof(ConvInstruction), typeof(UpsampleInstruction), typeof(ArgMaxInstruction), typeof(AveragePoolInstruction), typeof(MaxPoolInstruction), typeof(ConcatInstruction)],
            kind => Assert.True(programs.Count(program => program.Instructions.Any(instruction => instruction.GetType() == kind)) > 5, kind.Name));
        Assert.Contains(programs, program => program.Instructions.Any(instruction => instruction is ConvInstruction { IsRelu: true, High: < 127 }));
        Assert.Contains(programs, program => program.Instructions.Any(instruction => instruction is ConvInstruction conv && conv.Geometry.Rows.Dilation > 1));
        Assert.Contains(programs, program => program.Instructions.Any(instruction => instruction is ConvInstruction { Geometry.IsSquare: false }));
        Assert.Contains(programs, program => program.Outputs.Length > 3);

        // Shapes that are no kernel's favourite, each a good number of times.
        AtLeast(20, "signed depthwise", (program, conv) => conv.Geometry.Groups > 1 && conv.Geometry.Groups == program.Tensors[conv.Input].Channels && !program.NonNegative[conv.Input]);
        AtLeast(15, "depthwise with a large window", (program, conv) => conv.Geometry.Groups > 1 && conv.Geometry.Groups == program.Tensors[conv.Input].Channels && conv.Geometry.Area >= 25);
        AtLeast(20, "grouped", (program, conv) => conv.Geometry.Groups > 1 && conv.Geometry.Groups < program.Tensors[conv.Input].Channels);
        AtLeast(20, "signed pointwise", (program, conv) => conv.Geometry.Area == 1 && !program.NonNegative[conv.Input]);
        AtLeast(20, "two or three outputs", (_, conv) => conv.Bias.Length is 2 or 3);
        AtLeast(40, "12 or 24 channels", (_, conv) => conv.Bias.Length is 12 or 24);
        AtLeast(40, "dilated", (_, conv) => conv.Geometry.Rows.Dilation > 1);
        AtLeast(10, "depthwise with residual", (program, conv) => conv.Residual is not null && conv.Geometry.Groups > 1 && conv.Geometry.Groups == program.Tensors[conv.Input].Channels);

        void AtLeast(int count, string what, Func<IntegerProgram, ConvInstruction, bool> holds) =>
            Assert.True(programs.Sum(program => program.Instructions.OfType<ConvInstruction>().Count(conv => holds(program, conv))) is var found && found >= count, $"{what}: {found}");

        Assert.Contains(programs, program => program.Instructions.SelectMany(instruction => instruction.Inputs).CountBy(input => input).Any(readers => readers.Value > 2));
    }
}
