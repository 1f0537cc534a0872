using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Tessera.Cli.Diagnostics;

/// <summary>The vector instruction sets that the runtime uses on this processor.</summary>
internal static class VectorInstructions
{
    /// <summary>The names of the supported sets, narrow to wide; one that the processor has and a switch turned off is not among them.</summary>
    public static IReadOnlyList<string> Supported()
    {
        (string Name, bool IsSupported)[] sets =
        [
            ("SSE2", Sse2.IsSupported),
            ("SSSE3", Ssse3.IsSupported),
            ("SSE4.1", Sse41.IsSupported),
            ("SSE4.2", Sse42.IsSupported),
            ("AVX", Avx.IsSupported),
            ("AVX2", Avx2.IsSupported),
            ("FMA", Fma.IsSupported),
            ("AVX-VNNI", AvxVnni.IsSupported),
            ("AVX-VNNI-INT8", AvxVnniInt8.IsSupported),
            ("AVX-VNNI-INT16", AvxVnniInt16.IsSupported),
            ("AVX-512F", Avx512F.IsSupported),
            ("AVX-512BW", Avx512BW.IsSupported),
            ("AVX-512CD", Avx512CD.IsSupported),
            ("AVX-512DQ", Avx512DQ.IsSupported),
            ("AVX-512VL", Avx512F.VL.IsSupported),
            ("AVX-512VBMI", Avx512Vbmi.IsSupported),
            ("AdvSimd", AdvSimd.IsSupported),
            ("Dp", Dp.IsSupported),
            ("Rdm", Rdm.IsSupported),
        ];
        return [.. sets.Where(set => set.IsSupported).Select(set => set.Name)];
    }
}
