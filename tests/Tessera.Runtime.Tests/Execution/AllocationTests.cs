using Tessera.Programs;
using Tessera.Runtime.Tests.Processes;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests.Execution;

public class AllocationTests
{
    // In a process of its own, where no other test allocates, and compiled at once: the compiler's own thread would count.
    [Fact]
    public async Task A_frame_allocates_nothing_on_any_thread()
    {
        ChildOutcome child = await TestChild.RunAsync(ChildJobs.Allocations, ("DOTNET_TieredCompilation", "0"));
        child.AssertDone();
        Assert.Equal(("0", "0"), (child["bytes-with-1"], child["bytes-with-2"]));
    }

    [Fact]
    public void A_frame_allocates_nothing_on_the_caller_s_thread()
    {
        IntegerProgram program = GraphPrograms.Large();
        using var model = new CompiledModel(ProgramMaker.Compiled(program), new ExecutionOptions { Threads = 2 });
        sbyte[] image = SmallPrograms.Image(program, 1);
        var output = new byte[program.Tensors[program.Outputs[0].Tensor].Count];
        model.Run(image, output);
        long before = GC.GetAllocatedBytesForCurrentThread();
        model.Run(image, output);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
