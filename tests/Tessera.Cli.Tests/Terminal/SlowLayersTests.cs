using Tessera.Cli.Diagnostics;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime;

namespace Tessera.Cli.Tests.Terminal;

public class SlowLayersTests
{
    private static readonly IntegerProgram Usual = StageNetwork.Lower(SelfTestNetwork.Create());

    [Fact]
    public void A_usual_network_has_none() =>
        Assert.All(KernelSet.All.Where(set => set.IsSupported && set.Name != "scalar"), set => Assert.Empty(SlowLayers.Lines(Usual, set)));

    [Fact]
    public void A_slow_layer_is_named_with_kernel_reason_and_remedy()
    {
        string line = Assert.Single(SlowLayers.Lines(WithOneSlow(), KernelSet.Best));
        Assert.StartsWith($"layer {Usual.Instructions[0].Name} is slow with the kernel set {KernelSet.Best.Name} (scalar convolution): its results may leave int32", line, StringComparison.Ordinal);
        Assert.Contains("a larger scale of its output would be fast", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_that_are_slow_for_one_reason_take_one_line()
    {
        string line = Assert.Single(SlowLayers.Lines(Usual, KernelSet.Named("scalar")));
        int count = Usual.Instructions.OfType<ConvInstruction>().Count();
        Assert.StartsWith($"{count} layers are slow with the kernel set scalar (scalar convolution): the set has no vector kernels; they are {Usual.Instructions[0].Name}, ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_says_it_behind_the_instructions()
    {
        using var folder = new ConfigFolder();
        string file = Path.Combine(folder.Root, "model.tsr");
        CompiledProgram compiled = ModelCompiler.Compile(WithOneSlow(), new CompileOptions(March.Find("cpu"), OptLevel.O2, [.. ClassTable.Cityscapes.Classes])).Compiled;
        ArtefactWriter.Write(compiled, file);
        Cli run = Cli.Run("inspect", file);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"remark: layer {Usual.Instructions[0].Name} is slow with the kernel set {KernelSet.Best.Name}", run.Output, StringComparison.Ordinal);
    }

    private static IntegerProgram WithOneSlow()
    {
        var first = (ConvInstruction)Usual.Instructions[0];
        return new IntegerProgram(Usual.Name, Usual.Tensors, [first with { Multipliers = [.. first.Multipliers.Select(_ => 1e7f)] }, .. Usual.Instructions.Skip(1)], Usual.Outputs);
    }
}
