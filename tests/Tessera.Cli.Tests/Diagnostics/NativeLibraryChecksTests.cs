using Tessera.Cli.Diagnostics;

namespace Tessera.Cli.Tests.Diagnostics;

public sealed class NativeLibraryChecksTests
{
    private const string Old = "/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30";
    private const string LoadersWords = "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)";

    private static readonly MachineFacts Healthy = FakeMachine.Healthy;

    [Theory]
    [InlineData("debian", "12", null, FakeMachine.SetupScript, "sudo " + FakeMachine.SetupScript)]
    [InlineData("debian", "12", null, null, "apt-get install -t trixie libstdc++6")]
    [InlineData("debian", "11", null, FakeMachine.SetupScript, "upgrade to Debian 13")]
    [InlineData("ubuntu", "22.04", null, FakeMachine.SetupScript, "sudo add-apt-repository ppa:ubuntu-toolchain-r/test")]
    [InlineData("rocky", "9.4", null, FakeMachine.SetupScript, "libstdc++ of GCC 13 or later")]
    [InlineData("", "", null, null, "libstdc++ of GCC 13 or later")]
    [InlineData("debian", "13", "/opt/gcc/lib:/usr/lib/x86_64-linux-gnu/", FakeMachine.SetupScript, "take /usr/lib/x86_64-linux-gnu/ out of LD_LIBRARY_PATH")]
    public void An_old_libstdcxx_blocks_and_the_remedy_fits_the_system(string id, string version, string? searchPath, string? setup, string remedy)
    {
        MachineFacts machine = (Healthy with
        {
            StandardLibrary = new StandardLibraryFacts("linux-x64", Old, new Version(3, 4, 30), new OsRelease(id, version), searchPath, setup),
        }).With(NativeDependency.Libtorch, FakeMachine.NotLoading(NativeDependency.Libtorch, LoadersWords));
        Assert.Equal(["libstdcxx Missing", "libtorch Missing", "selftest.libtorch Warning"], machine.NotOk());
        Assert.Contains($"{Old}, newest version GLIBCXX_3.4.30; libtorch needs GLIBCXX_3.4.32", machine.Row("libstdcxx").Found);
        Assert.Contains(remedy, machine.Row("libstdcxx").Remedy);
        Assert.Equal("/app/libLibTorchSharp.so does not load: /lib/x86_64-linux-gnu/libstdc++.so.6 lacks GLIBCXX_3.4.32 (needed by /app/libLibTorchSharp.so)", machine.Row("libtorch").Found);
        Assert.Contains(remedy, machine.Row("libtorch").Remedy);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("/usr/lib/libstdc++.so.6", null)]
    public void No_libstdcxx_at_all_blocks(string? file, string? version)
    {
        Check row = (Healthy with { StandardLibrary = Healthy.StandardLibrary with { File = file, Newest = version is null ? null : new Version(version) } }).Row("libstdcxx");
        Assert.Equal(CheckState.Missing, row.State);
    }

    [Fact]
    public void Elsewhere_libstdcxx_is_not_needed() =>
        Assert.Equal(CheckState.Ok, (Healthy with { StandardLibrary = new StandardLibraryFacts("osx-arm64", null, null, new OsRelease("", ""), null, null) }).Row("libstdcxx").State);

    [Theory]
    [InlineData("/lib/libm.so.6: version `GLIBC_2.38' not found (required by /lib/libstdc++.so.6)", CheckState.Missing, "lacks GLIBC_2.38 (needed by /lib/libstdc++.so.6)", "newer C library")]
    [InlineData("libfontconfig.so.1: cannot open shared object file: No such file or directory", CheckState.Missing, "needs libfontconfig.so.1", "package that holds libfontconfig.so.1")]
    [InlineData("/app/libSkiaSharp.so: file too short", CheckState.Failed, "/app/libSkiaSharp.so: file too short", "rm -rf ~/.nuget/packages/skiasharp* artifacts && ./tessera doctor")]
    [InlineData("/app/libSkiaSharp.so: invalid ELF header", CheckState.Failed, "invalid ELF header", "rm -rf ~/.nuget/packages/skiasharp* artifacts")]
    internal void The_loaders_words_become_a_row(string words, CheckState state, string found, string remedy)
    {
        Check row = Healthy.With(NativeDependency.Skia, FakeMachine.NotLoading(NativeDependency.Skia, words)).Row("skia");
        Assert.Equal(state, row.State);
        Assert.Contains(found, row.Found);
        Assert.DoesNotContain("strace", row.Found);
        Assert.Contains(remedy, row.Remedy);
    }

    [Fact]
    public void A_library_that_is_not_there_blocks()
    {
        MachineFacts machine = Healthy.With(NativeDependency.OnnxRuntime, new ProbeResult(new LoadReport(null, null, null), null, new ChildResult(0, "", "")));
        Assert.Equal(["onnxruntime Missing", "selftest.onnxruntime Warning"], machine.NotOk());
        Assert.Equal("libonnxruntime.so does not lie beside the program", machine.Row("onnxruntime").Found);
        Assert.Contains("~/.nuget/packages/microsoft.ml.onnxruntime*", machine.Row("onnxruntime").Remedy);
    }

    [Theory]
    [InlineData(132, "was ended by SIGILL", "instruction that this processor lacks")]
    [InlineData(135, "was ended by SIGBUS", "rm -rf ~/.nuget/packages/{torchsharp,libtorch-cpu*} artifacts")]
    [InlineData(137, "was ended by SIGKILL", "memory ran out")]
    [InlineData(139, "was ended by SIGSEGV", "rm -rf ~/.nuget/packages/{torchsharp,libtorch-cpu*} artifacts")]
    [InlineData(1, "ended with exit code 1: error: it broke", "rm -rf")]
    public void A_crash_costs_a_row_and_not_the_command(int exitCode, string found, string remedy)
    {
        foreach (bool loaded in new[] { false, true })
        {
            MachineFacts machine = Healthy.With(NativeDependency.Libtorch, FakeMachine.Ended(NativeDependency.Libtorch, new ChildResult(exitCode, "", "first\nerror: it broke\n"), loaded));
            Assert.Equal(["libtorch Failed", "selftest.libtorch Warning"], machine.NotOk());
            Assert.Contains(found, machine.Row("libtorch").Found);
            Assert.Equal(loaded, machine.Row("libtorch").Found.StartsWith("/app/libLibTorchSharp.so loads, but", StringComparison.Ordinal));
            Assert.Contains(remedy, machine.Row("libtorch").Remedy);
        }
    }

    [Fact]
    public void A_probe_that_hangs_or_does_not_start_is_told_apart()
    {
        Check hangs = Healthy.With(NativeDependency.Skia, FakeMachine.Ended(NativeDependency.Skia, new ChildResult(null, "", "", TimedOut: true))).Row("skia");
        Check absent = Healthy.With(NativeDependency.Skia, FakeMachine.Ended(NativeDependency.Skia, new ChildResult(null, "", "No such file or directory"))).Row("skia");
        Assert.Contains("did not end in time", hangs.Found);
        Assert.Contains("less busy", hangs.Remedy);
        Assert.Contains("could not be started: No such file or directory", absent.Found);
        Assert.Contains("command -v dotnet", absent.Remedy);
    }

    [Fact]
    public void A_library_that_loads_and_does_not_work_shows_its_message()
    {
        var probe = new ProbeResult(new LoadReport("/app/libSkiaSharp.so", null, "3"), new ComputeReport("a PNG that was written and read back has other pixels", []), new ChildResult(0, "", ""));
        Check row = Healthy.With(NativeDependency.Skia, probe).Row("skia");
        Assert.Equal((CheckState.Failed, "/app/libSkiaSharp.so loads, but does not work: a PNG that was written and read back has other pixels"), (row.State, row.Found));
    }

    [Fact]
    public void The_childs_lines_are_found_among_others_and_one_cut_off_counts_as_not_said()
    {
        const string Load = ProbeResult.LoadMark + """{"File":"/app/a.so","Fault":null,"Version":"1","Engine":"/app/b.so"}""";
        ProbeResult whole = ProbeResult.Parse(new ChildResult(0, $"[W] a library's own line\n{Load}\n{ProbeResult.ComputeMark}{{\"Fault\":null,\"Outputs\":[{{\"Logits\":\"/wE=\",\"ClassMap\":\"Ag==\"}}]}}\n", ""));
        Assert.True(whole.Works);
        Assert.Equal(new LoadReport("/app/a.so", null, "1", "/app/b.so"), whole.Load);
        Assert.Equal([-1, 1], whole.Compute!.Outputs[0].ToRunnerOutput().Logits);
        ProbeResult cut = ProbeResult.Parse(new ChildResult(134, $"{Load}\n{ProbeResult.ComputeMark}{{\"Fault\":nu", ""));
        Assert.Equal((true, true, false), (cut.Load is not null, cut.Compute is null, cut.Works));
    }
}
