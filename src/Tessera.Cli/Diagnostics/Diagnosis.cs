namespace Tessera.Cli.Diagnostics;

/// <summary>Everything that the checks look at.</summary>
/// <param name="Runtime">Runtime and system.</param>
/// <param name="Processor">The processor.</param>
/// <param name="Memory">The memory.</param>
/// <param name="Work">The working folder.</param>
/// <param name="Temp">The temporary folder.</param>
/// <param name="StandardLibrary">libstdc++.</param>
/// <param name="Probes">What the probe of each native library found.</param>
/// <param name="Accelerators">GPU and MPI.</param>
/// <param name="Rounding">The worked rounding cases.</param>
/// <param name="SelfTest">What this process computed.</param>
internal sealed record MachineFacts(
    RuntimeFacts Runtime,
    ProcessorFacts Processor,
    MemoryFacts Memory,
    FolderFacts Work,
    FolderFacts Temp,
    StandardLibraryFacts StandardLibrary,
    IReadOnlyDictionary<NativeDependency, ProbeResult> Probes,
    AcceleratorFacts Accelerators,
    IReadOnlyList<RoundingCase> Rounding,
    SelfTestResult SelfTest);

/// <summary>Gathers the facts, and makes the rows of them.</summary>
internal static class Diagnosis
{
    /// <summary>Looks at this machine. What takes time runs side by side; nothing that a library does can end this process.</summary>
    /// <param name="cancellation">Ends the children.</param>
    public static async Task<MachineFacts> GatherAsync(CancellationToken cancellation)
    {
        // Memory is read before the self-test and the children take their part.
        MemoryFacts memory = MemoryFacts.Gather();
        Dictionary<NativeDependency, Task<ProbeResult>> probes = NativeDependency.All.ToDictionary(one => one, one => ProbeResult.RunAsync(one, cancellation));
        Task<AcceleratorFacts> accelerators = AcceleratorFacts.GatherAsync(cancellation);
        SelfTestResult selfTest = SelfTest.Run();
        RuntimeFacts runtime = RuntimeFacts.Gather();
        await Task.WhenAll([accelerators, .. probes.Values]);
        return new MachineFacts(
            runtime,
            ProcessorFacts.Gather(),
            memory,
            FolderFacts.Gather(Directory.GetCurrentDirectory()),
            FolderFacts.Gather(Path.GetTempPath()),
            StandardLibraryFacts.Gather(runtime.Platform),
            probes.ToDictionary(pair => pair.Key, pair => pair.Value.Result),
            await accelerators,
            RoundingCases.Compute(),
            selfTest);
    }

    /// <summary>One row for each check, in the order in which they are shown.</summary>
    public static IReadOnlyList<Check> Judge(MachineFacts facts) =>
    [
        .. RuntimeChecks.Of(facts.Runtime),
        ProcessorCheck.Of(facts.Processor),
        MemoryCheck.Of(facts.Memory),
        .. FolderChecks.Of(facts.Work, facts.Temp),
        StandardLibraryCheck.Of(facts.StandardLibrary),
        .. NativeDependency.All.Select(one => NativeLibraryChecks.Of(one, facts.Probes[one], facts.StandardLibrary)),
        .. AcceleratorChecks.Of(facts.Accelerators),
        SelfTestChecks.Rounding(facts.Rounding),
        SelfTestChecks.Compiled(facts.SelfTest),
        SelfTestChecks.Native(NativeDependency.Libtorch, facts.Probes[NativeDependency.Libtorch], facts.SelfTest.Reference),
        SelfTestChecks.Native(NativeDependency.OnnxRuntime, facts.Probes[NativeDependency.OnnxRuntime], facts.SelfTest.Reference),
    ];
}
