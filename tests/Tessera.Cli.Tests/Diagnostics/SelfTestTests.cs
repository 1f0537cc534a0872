using System.Runtime.InteropServices;
using Tessera.Cli.Diagnostics;
using Tessera.Cli.Pipeline;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Cli.Tests.Diagnostics;

public sealed class SelfTestTests
{
    private static readonly MachineFacts Healthy = FakeMachine.Healthy;

    [Fact]
    public void The_worked_cases_hold_here()
    {
        IReadOnlyList<RoundingCase> cases = RoundingCases.Compute();
        Assert.True(cases.Count >= 20);
        Assert.All(cases, one => Assert.Equal(one.Expected, one.Actual));
    }

    [Fact]
    public void A_wrong_rounding_is_shown_with_both_results()
    {
        Check row = (Healthy with { Rounding = [new RoundingCase("f(1)", 1, 1), new RoundingCase("Requantize(39793, 0.001005202, -18, 0.75, -128)", 26, 27)] }).Row("selftest.rounding");
        Assert.Equal((CheckState.Failed, "1 of 2 worked cases differ; first: Requantize(39793, 0.001005202, -18, 0.75, -128) = 27, not 26"), (row.State, row.Found));
        Assert.Contains("report it", row.Remedy);
    }

    [Fact]
    public void One_wrong_logit_of_a_library_is_a_failure()
    {
        ProbeResult probe = FakeMachine.Working(NativeDependency.Libtorch) with { Compute = new ComputeReport(null, [ComputedOutput.Of(FakeMachine.Output(lastLogit: 5))]) };
        MachineFacts machine = Healthy.With(NativeDependency.Libtorch, probe);
        Assert.Equal(["selftest.libtorch Failed"], machine.NotOk());
        Assert.Equal("1 of 4 logits and 0 of 2 pixels differ from the reference executor", machine.Row("selftest.libtorch").Found);
    }

    [Fact]
    public void A_result_that_is_not_there_is_a_failure()
    {
        ProbeResult probe = FakeMachine.Working(NativeDependency.OnnxRuntime) with { Compute = new ComputeReport(null, []) };
        Assert.Equal(["selftest.onnxruntime Failed"], Healthy.With(NativeDependency.OnnxRuntime, probe).NotOk());
    }

    [Fact]
    public void A_differing_layer_of_the_compiled_model_is_named_even_when_the_outputs_are_equal()
    {
        MachineFacts machine = Healthy with { SelfTest = new SelfTestResult([FakeMachine.Output()], [FakeMachine.Output(layer: 8)], 16) };
        Assert.Equal(["selftest.compiled Failed"], machine.NotOk());
        Assert.EndsWith("1 of 2 layers differ: stem", machine.Row("selftest.compiled").Found);
        Assert.NotNull(machine.Row("selftest.compiled").Remedy);
    }

    [Fact]
    public void The_compiled_model_equals_the_reference_in_every_layer()
    {
        SelfTestResult result = SelfTest.Run();
        Assert.Equal(SelfTestNetwork.ImageCount, result.Reference.Count);
        Assert.True(result.Reference[0].Layers.Count > 50);
        Assert.True(result.Values > 100_000);
        Assert.Equal(CheckState.Ok, SelfTestChecks.Compiled(result).State);
    }

    [Fact]
    public void Every_layer_of_the_self_test_has_something_to_compare()
    {
        IntegerProgram program = StageNetwork.Lower(SelfTestNetwork.Create());
        var poor = new List<string>();
        int layers = 0;
        new ReferenceExecutor(program).Run(SelfTestNetwork.Images().AsSpan(0, program.Input.Count), (tensor, values) =>
        {
            layers++;
            int clipped = 0;
            foreach (sbyte value in values)
            {
                clipped += value is Int8Arithmetic.Min or Int8Arithmetic.Max ? 1 : 0;
            }

            // Clamping belongs to the test, but a layer that is all zero or all clamped would hide any fault before it.
            int distinct = MemoryMarshal.AsBytes(values).ToArray().Distinct().Count();
            if (distinct < (tensor.IsClassMap ? 3 : 16) || clipped > values.Length / 4)
            {
                poor.Add($"{tensor.Name}: {distinct} distinct values, {clipped} of {values.Length} clamped");
            }
        });
        Assert.True(layers > 50);
        Assert.True(poor.Count == 0, string.Join("\n", poor));
    }
}
