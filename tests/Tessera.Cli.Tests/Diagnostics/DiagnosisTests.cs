using Tessera.Cli.Diagnostics;

namespace Tessera.Cli.Tests.Diagnostics;

public sealed class DiagnosisTests
{
    private static readonly MachineFacts Healthy = FakeMachine.Healthy;

    [Fact]
    public void A_healthy_machine_has_a_row_for_every_check_and_all_are_ok()
    {
        IReadOnlyList<Check> checks = Diagnosis.Judge(Healthy);
        Assert.Empty(Healthy.NotOk());
        Assert.All(checks, check => Assert.Null(check.Remedy));
        Assert.Equal(
            ["dotnet", "os", "processor", "memory", "disk", "temp", "write", "libstdcxx", "libtorch", "skia", "onnxruntime", "gpu", "mpi",
                "selftest.rounding", "selftest.compiled", "selftest.libtorch", "selftest.onnxruntime"],
            checks.Select(check => check.Id));
    }

    [Theory]
    [InlineData("linux-arm64", "train on linux-x64, win-x64, osx-arm64")]
    [InlineData("linux-musl-x64", "on Alpine, in a container of a glibc system")]
    public void A_platform_without_libtorch_blocks(string platform, string remedy)
    {
        Check row = (Healthy with { Runtime = Healthy.Runtime with { Platform = platform } }).Row("os");
        Assert.Equal(CheckState.Missing, row.State);
        Assert.Contains(platform, row.Found);
        Assert.Contains(remedy, row.Remedy);
    }

    [Fact]
    public void A_processor_without_wide_vectors_is_a_warning()
    {
        Check row = (Healthy with { Processor = Healthy.Processor with { Instructions = ["SSE2"] } }).Row("processor");
        Assert.Equal((CheckState.Warning, "Some Processor, 2 cores: SSE2; kernels avx2 (also scalar)"), (row.State, row.Found));
        Assert.Contains("AVX2", row.Remedy);
    }

    [Fact]
    public void A_switched_off_instruction_set_is_named_with_the_command_that_mends_it()
    {
        Check row = (Healthy with { Processor = Healthy.Processor with { Instructions = ["SSE2"], Switches = ["DOTNET_EnableAVX2=0"] } }).Row("processor");
        Assert.Equal((CheckState.Warning, "unset DOTNET_EnableAVX2"), (row.State, row.Remedy));
        Assert.Contains("DOTNET_EnableAVX2=0 is set", row.Found);
    }

    [Fact]
    public void One_core_is_a_warning() => Assert.Equal(["processor Warning"], (Healthy with { Processor = Healthy.Processor with { Cores = 1 } }).NotOk());

    [Theory]
    [InlineData(2048, CheckState.Ok)]
    [InlineData(2047, CheckState.Warning)]
    [InlineData(1024, CheckState.Warning)]
    [InlineData(1023, CheckState.Missing)]
    internal void Little_memory_warns_and_less_blocks(long mebibytes, CheckState expected)
    {
        Check row = (Healthy with { Memory = new MemoryFacts(8 * ByteCount.GiB, mebibytes * ByteCount.MiB, 8 * ByteCount.GiB) }).Row("memory");
        Assert.Equal(expected, row.State);
        Assert.Equal(expected != CheckState.Ok, row.Remedy?.Contains("raise the container's limit") == true);
    }

    [Theory]
    [InlineData(2048L, CheckState.Ok, null)]
    [InlineData(2047L, CheckState.Warning, "make room for 2.0 GiB")]
    [InlineData(511L, CheckState.Missing, "cd /path/with/room")]
    [InlineData(null, CheckState.Warning, "df -h /home/user")]
    internal void Little_disk_warns_and_less_blocks(long? mebibytes, CheckState expected, string? remedy)
    {
        Check row = (Healthy with { Work = Healthy.Work with { Free = mebibytes * ByteCount.MiB } }).Row("disk");
        Assert.Equal(expected, row.State);
        Assert.Contains(remedy ?? "", row.Remedy ?? "");
    }

    [Fact]
    public void A_folder_that_cannot_be_written_blocks()
    {
        MachineFacts machine = Healthy with { Work = new FolderFacts("/read only", 20 * ByteCount.GiB, "Read-only file system") };
        Assert.Equal(["write Failed"], machine.NotOk());
        Assert.Contains("/read only cannot be written: Read-only file system", machine.Row("write").Found);
        Assert.Contains("chmod u+w '/read only'", machine.Row("write").Remedy);
    }

    [Theory]
    [InlineData(1L, null)]
    [InlineData(9000L, "Permission denied")]
    public void A_bad_temporary_folder_is_a_warning(long mebibytes, string? fault)
    {
        MachineFacts machine = Healthy with { Temp = new FolderFacts("/tmp", mebibytes * ByteCount.MiB, fault) };
        Assert.Equal(["temp Warning"], machine.NotOk());
        Assert.Contains("export TMPDIR=", machine.Row("temp").Remedy);
    }

    [Fact]
    public void A_GPU_is_named_and_said_to_be_idle()
    {
        Check row = (Healthy with { Accelerators = new AcceleratorFacts(["/dev/nvidia0"], "/usr/bin/nvidia-smi", ["NVIDIA H200, 570.1, 143771 MiB"], false, null) }).Row("gpu");
        Assert.Equal(CheckState.Warning, row.State);
        Assert.Equal("NVIDIA H200, 570.1, 143771 MiB; CUDA usable by this build: no, it has libtorch's CPU package", row.Found);
    }

    [Theory]
    [InlineData("/dev/nvidia0", null, "/dev/nvidia0, without nvidia-smi", CheckState.Warning)]
    [InlineData("/dev/nvidia0", "/usr/bin/nvidia-smi", "but nvidia-smi lists no GPU", CheckState.Warning)]
    [InlineData(null, "/usr/bin/nvidia-smi", "nvidia-smi is installed but lists no NVIDIA GPU", CheckState.Ok)]
    [InlineData(null, null, "no NVIDIA GPU; CUDA usable by this build: no", CheckState.Ok)]
    internal void A_GPU_in_part_is_described_as_it_is(string? device, string? tool, string expected, CheckState state)
    {
        Check row = (Healthy with { Accelerators = new AcceleratorFacts(device is null ? [] : [device], tool, [], false, null) }).Row("gpu");
        Assert.Equal(state, row.State);
        Assert.Contains(expected, row.Found);
    }

    [Fact]
    public void MPI_is_found_and_said_to_be_unused()
    {
        Check row = (Healthy with { Accelerators = Healthy.Accelerators with { MpiTool = "/usr/bin/mpirun" } }).Row("mpi");
        Assert.Equal((CheckState.Ok, "/usr/bin/mpirun is installed; this version does not use MPI: it trains in one process"), (row.State, row.Found));
    }
}
