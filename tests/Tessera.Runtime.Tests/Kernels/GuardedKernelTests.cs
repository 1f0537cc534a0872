using Tessera.Runtime.Tests.Memory;
using Tessera.Runtime.Tests.Processes;

namespace Tessera.Runtime.Tests.Kernels;

/// <summary>Every kernel on rows that end, or begin, at an inaccessible page; in a child process, since a kernel that goes too far ends it.</summary>
public class GuardedKernelTests
{
    [GuardPagesFact]
    public async Task No_kernel_reads_or_writes_beyond_its_rows()
    {
        ChildOutcome child = await TestChild.RunAsync(ChildJobs.GuardedKernels);
        child.AssertDone();
        Assert.Equal($"{KernelSets.Supported.Count} sets", child["checked"]);
    }

    [GuardPagesFact]
    public async Task A_read_beyond_a_row_is_noticed()
    {
        ChildOutcome child = await TestChild.RunAsync(ChildJobs.ReadBehindGuard);
        Assert.NotEqual(0, child.ExitCode);
        Assert.Equal("before the read\n", child.Output);
        Assert.Contains("at: before the read", Assert.ThrowsAny<Exception>(child.AssertDone).Message, StringComparison.Ordinal);
    }
}
