namespace Tessera.Cli.Diagnostics;

/// <summary>What could compute beside this processor.</summary>
/// <param name="GpuDevices">Device files such as <c>/dev/nvidia0</c>.</param>
/// <param name="GpuTool">The path of <c>nvidia-smi</c>; null when there is none.</param>
/// <param name="GpuNames">What <c>nvidia-smi</c> lists: name, driver, memory.</param>
/// <param name="HasCudaLibrary">Whether libtorch's CUDA library lies beside this program.</param>
/// <param name="MpiTool">The path of <c>mpirun</c> or <c>mpiexec</c>; null when there is none.</param>
internal sealed record AcceleratorFacts(IReadOnlyList<string> GpuDevices, string? GpuTool, IReadOnlyList<string> GpuNames, bool HasCudaLibrary, string? MpiTool)
{
    private static readonly TimeSpan ToolLimit = TimeSpan.FromSeconds(3);

    /// <summary>The facts of this machine.</summary>
    public static async Task<AcceleratorFacts> GatherAsync(CancellationToken cancellation)
    {
        string? path = Environment.GetEnvironmentVariable("PATH");
        string? tool = Executables.Find(path, File.Exists, "nvidia-smi");
        string[] names = [];
        if (tool is not null)
        {
            ChildResult listed = await ChildProcess.RunAsync(tool, ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"], ToolLimit, cancellation);
            names = listed.ExitCode == 0 ? listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];
        }

        return new AcceleratorFacts(Devices(), tool, names, NativeFile.Find("libtorch_cuda.so", "torch_cuda.dll") is not null, Executables.Find(path, File.Exists, "mpirun", "mpiexec"));
    }

    private static string[] Devices() => Directory.Exists("/dev")
        ? [.. Directory.EnumerateFileSystemEntries("/dev", "nvidia*", new EnumerationOptions { IgnoreInaccessible = true }).Where(device => char.IsAsciiDigit(device[^1])).Order(StringComparer.Ordinal)]
        : [];
}

/// <summary>Says what of GPU and MPI is there and what this version does with it.</summary>
internal static class AcceleratorChecks
{
    /// <summary>The rows <c>gpu</c> and <c>mpi</c>.</summary>
    public static IReadOnlyList<Check> Of(AcceleratorFacts facts) => [Gpu(facts), Mpi(facts)];

    private static Check Gpu(AcceleratorFacts facts)
    {
        bool isThere = facts.GpuDevices.Count > 0 || facts.GpuNames.Count > 0;
        string what = facts.GpuNames.Count > 0 ? string.Join("; ", facts.GpuNames)
            : facts.GpuDevices.Count > 0 ? $"{string.Join(", ", facts.GpuDevices)}, {(facts.GpuTool is null ? "without nvidia-smi" : "but nvidia-smi lists no GPU")}"
            : facts.GpuTool is not null ? "nvidia-smi is installed but lists no NVIDIA GPU" : "no NVIDIA GPU";
        string use = facts.HasCudaLibrary
            ? "libtorch's CUDA library lies beside this program, but this version computes on the processor"
            : "CUDA usable by this build: no, it has libtorch's CPU package";
        return new Check("gpu", "GPU", isThere ? CheckState.Warning : CheckState.Ok, $"{what}; {use}" + (isThere ? "" : "; none is needed"), isThere ? "nothing to mend: this version trains and runs on the processor, the GPU stays idle" : null)
        {
            Details = new Dictionary<string, object?>
            {
                ["devices"] = facts.GpuDevices,
                ["names"] = facts.GpuNames,
                ["nvidia_smi"] = facts.GpuTool,
                ["cuda_library"] = facts.HasCudaLibrary,
                ["cuda_usable"] = false,
            },
        };
    }

    private static Check Mpi(AcceleratorFacts facts) => new(
        "mpi",
        "MPI",
        CheckState.Ok,
        $"{(facts.MpiTool is null ? "no mpirun" : $"{facts.MpiTool} is installed")}; this version does not use MPI: it trains in one process")
    {
        Details = new Dictionary<string, object?> { ["mpirun"] = facts.MpiTool, ["used"] = false },
    };
}
