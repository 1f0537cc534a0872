using System.Collections;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Tessera.Runtime;

namespace Tessera.Cli.Diagnostics;

/// <summary>The processor as this process sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cores">Logical cores that this process may use.</param>
/// <param name="Instructions">Vector instruction sets that the runtime uses, narrow to wide.</param>
/// <param name="Switches">Environment variables such as <c>DOTNET_EnableAVX2=0</c> that turn instruction sets off.</param>
/// <param name="Kernels">The kernel sets that compiled models can run on here, the one in use first.</param>
internal sealed record ProcessorFacts(string Name, int Cores, IReadOnlyList<string> Instructions, IReadOnlyList<string> Switches, string Kernels)
{
    private const string CpuInfo = "/proc/cpuinfo";

    /// <summary>The facts of this machine.</summary>
    public static ProcessorFacts Gather() => new(ThisName(), Environment.ProcessorCount, VectorInstructions.Supported(), SwitchesOf(Environment.GetEnvironmentVariables()), KernelNames());

    /// <summary>The variables that turn instruction sets off, as <c>NAME=0</c>, in the order of their names.</summary>
    public static IReadOnlyList<string> SwitchesOf(IDictionary environment) =>
    [
        .. environment.Cast<DictionaryEntry>()
            .Select(entry => (Name: (string)entry.Key, Value: entry.Value as string))
            .Where(entry => entry.Name.StartsWith("DOTNET_Enable", StringComparison.OrdinalIgnoreCase) && entry.Value?.Trim() is "0" or "0x0")
            .Select(entry => $"{entry.Name}={entry.Value}")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The processor's name in the text of <c>/proc/cpuinfo</c>; null when it has none, as on many Arm boards.</summary>
    public static string? NameIn(string cpuInfo) =>
        cpuInfo.Split('\n')
            .Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2 && parts[0].Trim() is "model name" or "Model" or "Hardware")
            .Select(parts => parts[1].Trim())
            .FirstOrDefault(name => name.Length > 0);

    private static string KernelNames() =>
        $"{KernelSet.Best.Name} (also {string.Join(", ", KernelSet.All.Where(set => set.IsSupported && set != KernelSet.Best).Select(set => set.Name))})";

    private static string ThisName()
    {
        string? name = X86Base.IsSupported ? BrandString() : File.Exists(CpuInfo) ? NameIn(File.ReadAllText(CpuInfo)) : null;
        return string.IsNullOrEmpty(name) ? $"{RuntimeInformation.ProcessArchitecture} processor" : name;
    }

    /// <summary>The name that the processor gives itself: leaves 0x80000002 to 0x80000004 of CPUID, 48 bytes.</summary>
    private static string? BrandString()
    {
        const int HighestExtended = unchecked((int)0x80000000), First = unchecked((int)0x80000002), Last = unchecked((int)0x80000004);
        if ((uint)X86Base.CpuId(HighestExtended, 0).Eax < unchecked((uint)Last))
        {
            return null;
        }

        var bytes = new List<byte>();
        for (int leaf = First; leaf <= Last; leaf++)
        {
            (int eax, int ebx, int ecx, int edx) = X86Base.CpuId(leaf, 0);
            bytes.AddRange([.. BitConverter.GetBytes(eax), .. BitConverter.GetBytes(ebx), .. BitConverter.GetBytes(ecx), .. BitConverter.GetBytes(edx)]);
        }

        return Encoding.ASCII.GetString([.. bytes]).TrimEnd('\0').Trim();
    }
}

/// <summary>Checks the processor.</summary>
internal static class ProcessorCheck
{
    /// <summary>The row <c>processor</c>.</summary>
    public static Check Of(ProcessorFacts facts)
    {
        bool isWide = facts.Instructions.Contains("AVX2") || facts.Instructions.Contains("AdvSimd");
        string cores = facts.Cores == 1 ? "1 core" : $"{facts.Cores} cores";
        string sets = facts.Instructions.Count == 0 ? "no vector instructions" : string.Join(", ", facts.Instructions);
        return new Check(
            "processor",
            "processor",
            isWide && facts.Cores > 1 && facts.Switches.Count == 0 ? CheckState.Ok : CheckState.Warning,
            $"{facts.Name}, {cores}: {sets}; kernels {facts.Kernels}" + (facts.Switches.Count == 0 ? "" : $" ({string.Join(", ", facts.Switches)} is set)"),
            Remedy(facts, isWide))
        {
            Details = new Dictionary<string, object?> { ["name"] = facts.Name, ["cores"] = facts.Cores, ["instructions"] = facts.Instructions, ["switches"] = facts.Switches, ["kernels"] = facts.Kernels },
        };
    }

    private static string? Remedy(ProcessorFacts facts, bool isWide) =>
        facts.Switches.Count > 0 ? $"unset {string.Join(' ', facts.Switches.Select(text => text.Split('=')[0]))}"
        : !isWide ? "without AVX2 or AdvSimd all is slower; in a virtual machine, choose a processor type that passes AVX2 on"
        : facts.Cores == 1 ? "with one core the demo takes about twice as long; give the container or virtual machine a second one"
        : null;
}
