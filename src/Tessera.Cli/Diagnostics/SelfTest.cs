using Tessera.Cli.Alignment;
using Tessera.Cli.Pipeline;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Cli.Diagnostics;

/// <summary>What this process computed for the self-test; no native library takes part.</summary>
/// <param name="Reference">The reference executor's outputs, right by definition.</param>
/// <param name="Compiled">The compiled model's outputs, in the compiler's order and memory.</param>
/// <param name="Values">How many int8 values all layers have for one image.</param>
internal sealed record SelfTestResult(IReadOnlyList<RunnerOutput> Reference, IReadOnlyList<RunnerOutput> Compiled, long Values);

/// <summary>Runs the self-test's network in this process.</summary>
internal static class SelfTest
{
    /// <summary>Runs the reference executor and a compiled model.</summary>
    public static SelfTestResult Run()
    {
        IntegerProgram program = StageNetwork.Lower(SelfTestNetwork.Create());
        var options = new CompileOptions(March.Find("cpu"), OptLevel.O2, [.. ClassTable.Cityscapes.Classes]);
        using IRunner reference = IntegerRunner.Reference(program);
        using IRunner compiled = IntegerRunner.Compiled(ModelCompiler.Compile(program, options).Compiled);
        RunnerOutput[] expected = Images(reference);
        long values = program.Tensors.Where(tensor => expected[0].Layers.ContainsKey(tensor.Name)).Sum(tensor => (long)tensor.Count);
        return new SelfTestResult(expected, Images(compiled), values);
    }

    private static RunnerOutput[] Images(IRunner runner) => runner.Run(SelfTestNetwork.Images(), SelfTestNetwork.ImageCount, SelfTestNetwork.Size, SelfTestNetwork.Size);
}
