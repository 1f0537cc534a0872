using Tessera.Core;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

public class TorchSetupTests
{
    [Fact]
    public void It_may_be_called_again_and_sets_the_threads()
    {
        TorchSetup.Initialize(new() { Threads = 2 });
        Assert.Equal(2, get_num_threads());
        TorchSetup.Initialize(new() { Threads = 1 });
        TorchSetup.Initialize();
        Assert.Equal(1, get_num_threads());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Less_than_one_thread_is_refused(int threads)
    {
        UsageException fault = Assert.Throws<UsageException>(() => TorchSetup.Initialize(new() { Threads = threads }));
        Assert.Contains($"{threads}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_libstdcxx_is_explained()
    {
        const string Reason =
            "Unable to load shared library '/app/libLibTorchSharp.so' or one of its dependencies. In order to help diagnose loading problems, consider using a tool like strace.\n"
            + "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)";
        WorkException fault = NativeLoadFault.Explain(Reason);
        Assert.Contains("/lib/x86_64-linux-gnu/libstdc++.so.6 is too old", fault.Message, StringComparison.Ordinal);
        Assert.Contains("GLIBCXX_3.4.32", fault.Message, StringComparison.Ordinal);
        Assert.Contains("/app/libLibTorchSharp.so", fault.Message, StringComparison.Ordinal);
        Assert.Contains("./tessera or ./test", fault.Message, StringComparison.Ordinal);
        Assert.Contains("scripts/setup", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_library_is_explained()
    {
        WorkException fault = NativeLoadFault.Explain("libtorch_cpu.so: cannot open shared object file: No such file or directory\nmore", new DllNotFoundException());
        Assert.Contains("libtorch_cpu.so: cannot open shared object file", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("more\n", fault.Message, StringComparison.Ordinal);
        Assert.Contains("scripts/setup", fault.Message, StringComparison.Ordinal);
    }
}
