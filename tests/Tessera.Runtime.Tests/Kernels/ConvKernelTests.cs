using Tessera.Core;
using Tessera.Programs;
using Tessera.Runtime.Kernels;
using Tessera.Runtime.Tests.Execution;

namespace Tessera.Runtime.Tests.Kernels;

public class ConvKernelTests
{
    public static TheoryData<string> Sets => KernelSets.Names;

    [Theory]
    [MemberData(nameof(Sets))]
    public void Every_kernel_equals_the_reference_in_every_element(string set)
    {
        var reached = new HashSet<string>();
        foreach (ConvCase testCase in ConvCases.All)
        {
            string kernel = testCase.Check(KernelSet.Named(set), RowPlace.AmongPoison);
            reached.Add(kernel);

            // No shape falls back to scalar code: results that may leave int32 alone do.
            Assert.True(set == "scalar" || !RequantizedRange.StaysWithinInt32(testCase.Conv) == (kernel == "scalar convolution"), $"{kernel} computes {testCase}.");
        }

        string[] kinds = set == "scalar" ? ["scalar convolution"] : ["pointwise", "int16 pointwise", "depthwise", "int16 depthwise", "dense", "int16 dense", "scalar convolution"];
        Assert.All(kinds, kind => Assert.Contains(reached, name => name.Contains(kind, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(32, 2, 1, 1)]
    [InlineData(32, 3, 1, 1)]
    [InlineData(12, 24, 1, 1)]
    [InlineData(24, 12, 3, 1)]
    [InlineData(12, 12, 3, 12)]
    [InlineData(32, 32, 5, 32)]
    [InlineData(32, 32, 3, 4)]
    [InlineData(20, 20, 1, 4)]
    public void Layers_of_usual_networks_are_not_called_slow(int inputs, int outputs, int kernel, int groups)
    {
        var maker = new ConvCaseMaker(10);
        foreach (bool nonNegative in (bool[])[false, true])
        {
            ConvCase testCase = maker.Make("usual", 8, 8, inputs, outputs, kernel, 1, kernel / 2, groups, nonNegative, residual: false, WeightKind.Small, ValueKind.Random);
            Assert.All(KernelSets.Supported.Where(set => set.Name != "scalar" && RequantizedRange.StaysWithinInt32(testCase.Conv)), set => Assert.Null(set.Choose(testCase.Conv, testCase.Input, testCase.Output, nonNegative).Slow));
        }
    }

    [Fact]
    public void Slow_layers_are_named_with_the_reason_and_what_would_be_fast()
    {
        var maker = new ProgramMaker(1, 8, 8);
        maker.Pointwise(maker.Conv(0, 1, 1, 1, 0, 1, relu: true), 16);
        IntegerProgram program = maker.Finish("slow", 2);
        Assert.All(KernelSets.Supported.Where(set => set.Name != "scalar"), set => Assert.DoesNotContain(set.SlowLayers(program), layer => layer.Kernel == "scalar convolution"));
        var huge = (ConvInstruction)program.Instructions[0] with { Multipliers = [1e9f] };
        var changed = new IntegerProgram("huge", program.Tensors, [huge, program.Instructions[1]], program.Outputs);
        foreach (KernelSet set in KernelSets.Supported)
        {
            SlowLayer slow = set.SlowLayers(changed)[0];
            Assert.Equal((huge.Name, "scalar convolution"), (slow.Name, slow.Kernel));
            Assert.Contains(set.Name == "scalar" ? "no vector kernels" : "larger scale of its output", slow.Why, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_cases_reach_both_ends_of_the_clamp_and_ties()
    {
        Assert.True(ConvCases.All.Count > 1000);
        Assert.All((string[])["pointwise", "depthwise", "stem", "dense", "grouped"], kind =>
        {
            ConvCase[] cases = [.. ConvCases.All.Where(testCase => testCase.ToString().Contains($", {kind} ", StringComparison.Ordinal))];
            foreach (bool relu in (bool[])[false, true])
            {
                foreach (int end in (int[])[127, relu ? 0 : -128])
                {
                    Assert.True(cases.Any(testCase => testCase.Conv.IsRelu == relu && testCase.Expected.Contains((sbyte)end)), $"No {kind} case with{(relu ? "" : "out")} ReLU gives {end}.");
                }
            }

            Assert.True(cases.Any(HasTies), $"No {kind} case has a tie.");
        });
    }

    [Fact]
    public void A_convolution_that_leaves_int32_is_left_to_scalar_code()
    {
        var maker = new ConvCaseMaker(9);
        ConvCase testCase = maker.Make("pointwise", 1, 8, 16, 16, 1, 1, 0, 1, nonNegative: true, residual: false, WeightKind.AllMax, ValueKind.AllMax);
        ConvInstruction conv = testCase.Conv with { Multipliers = [.. Enumerable.Repeat(1f * (1 << 20), 16)] };
        var huge = new ConvCase("results beyond int32", conv, testCase.Input, testCase.Output, true, testCase.Image, null);
        Assert.All(KernelSets.Supported, set => Assert.Equal("scalar convolution", huge.Check(set, RowPlace.AmongPoison)));
    }

    // A sum times a power of two is exact: its fraction says whether it is a tie. The middle pixel is enough.
    private static bool HasTies(ConvCase testCase)
    {
        ConvInstruction conv = testCase.Conv;
        int fanIn = testCase.Input.Channels / conv.Geometry.Groups, perGroup = testCase.Output.Channels / conv.Geometry.Groups;
        (ConvAxis rows, ConvAxis columns, _) = conv.Geometry;
        int top = (testCase.Output.Height / 2 * rows.Stride) - rows.Padding, left = (testCase.Output.Width / 2 * columns.Stride) - columns.Padding;
        return testCase.Residual is null && Enumerable.Range(0, testCase.Output.Channels).Any(channel =>
        {
            double value = Sum(channel) * (double)conv.Multipliers[channel];
            return float.IsPow2(conv.Multipliers[channel]) && Math.Abs(value - Math.Floor(value)) == 0.5 && value is > -128 and < 127;
        });

        long Sum(int channel)
        {
            long sum = conv.Bias[channel];
            for (int tap = 0; tap < fanIn * conv.Geometry.Area; tap++)
            {
                int y = top + (tap / columns.Kernel % rows.Kernel * rows.Dilation), x = left + (tap % columns.Kernel * columns.Dilation), source = (channel / perGroup * fanIn) + (tap / conv.Geometry.Area);
                bool inside = y >= 0 && y < testCase.Input.Height && x >= 0 && x < testCase.Input.Width;
                sum += inside ? conv.Weights[(channel * fanIn * conv.Geometry.Area) + tap] * testCase.Image[(((y * testCase.Input.Width) + x) * testCase.Input.Channels) + source] : 0;
            }

            return sum;
        }
    }
}
