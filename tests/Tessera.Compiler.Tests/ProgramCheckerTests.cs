using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Compiler.Tests;

public class ProgramCheckerTests
{
    private static readonly March Small = March.Find("bernoulli2");

    private static Violation Only(IntegerProgram program, March march) => Assert.Single(ProgramChecker.Check(program, march).Violations);

    [Theory]
    [MemberData(nameof(MarchTests.Names), MemberType = typeof(MarchTests))]
    public void Every_march_supports_the_real_network(string name)
    {
        March march = March.Find(name);
        CheckResult check = ProgramChecker.Check(RealNetwork.DeployFor(march.Arithmetic), march);
        Assert.Empty(check.Violations);
        Assert.Equal(march.Requantization == RequantizationKind.Vendor ? 1 : 0, check.Remarks.Length);
    }

    [Fact]
    public void A_network_for_another_requantization_is_refused_once()
    {
        Violation violation = Assert.Single(ProgramChecker.Check(RealNetwork.Deploy, March.Find("generic-shift")).Violations);
        Assert.Equal(
            new Violation("backbone.mod1.0.0", "requantization", "the network requantizes by float32, for which it was calibrated", "The march does by shift: calibrate for it (compile_cfg.march: generic-shift), or choose another march."), violation);
        Assert.Single(ProgramChecker.Check(RealNetwork.DeployFor(Requantization.Shift), March.Find("generic-multiplier16")).Violations);
        Assert.Single(ProgramChecker.Check(RealNetwork.DeployFor(Requantization.Multiplier16), March.Find("cpu")).Violations);
    }

    [Theory]
    [InlineData("cpu", 3, 0)]
    [InlineData("generic-shift", 3, 1)]
    [InlineData("generic-multiplier16", 3, 1)]
    [InlineData("generic-shift", 4, 0)]
    public void A_device_without_floating_point_averages_a_power_of_two_of_values(string march, int columns, int violations)
    {
        IntegerTensor[] tensors = [new("image", 4, 12, 3, 1 / 128f), new("pool", 1, 12 / columns, 3, 1 / 128f)];
        var pool = new AveragePoolInstruction("pool", 0, 1) { Rows = new ConvAxis(4, 4), Columns = new ConvAxis(columns, columns) };
        var program = new IntegerProgram("pools", [.. tensors], [pool], [new IntegerOutput("pool", 1)]);
        Assert.Equal(Enumerable.Repeat("average-pool-window", violations), ProgramChecker.Check(program, March.Find(march)).Violations.Select(violation => violation.Rule));
    }

    [Fact]
    public void A_kernel_that_is_too_large_names_node_rule_value_and_remedy()
    {
        Violation violation = Only(RandomPrograms.Single("head.big", 4, 4, kernel: 9, stride: 1, groups: 1), Small);
        Assert.Equal(new Violation("head.big", "conv-kernel", "its kernel is 9x9", "Use a kernel of 1, 2, 3, 4, 5, 6, 7."), violation);
    }

    [Fact]
    public void Each_limit_of_a_convolution_has_a_rule()
    {
        March narrow = Small with
        {
            Convolution = Small.Convolution with { MaxStride = 1, MaxChannels = 8, Grouped = false },
            Depthwise = Small.Depthwise! with { MaxStride = 1, MaxChannels = 8 },
        };
        Assert.Equal("conv-stride", Only(RandomPrograms.Single("n", 4, 4, 3, 2, 1), narrow).Rule);
        Assert.Equal("conv-channels", Only(RandomPrograms.Single("n", 4, 9, 3, 1, 1), narrow).Rule);
        Assert.Equal("conv-channels", Only(RandomPrograms.Single("n", 9, 4, 3, 1, 1), narrow).Rule);
        Assert.Equal("conv-groups", Only(RandomPrograms.Single("n", 4, 4, 3, 1, 2), narrow).Rule);
        Assert.Equal("depthwise-stride", Only(RandomPrograms.Single("n", 4, 4, 3, 2, 4), narrow).Rule);
        Assert.Equal("depthwise-kernel", Only(RandomPrograms.Single("n", 4, 4, 9, 1, 4), narrow).Rule);
        Assert.Equal("depthwise-channels", Only(RandomPrograms.Single("n", 9, 9, 3, 1, 9), narrow).Rule);
        Assert.Equal("depthwise-support", Only(RandomPrograms.Single("n", 4, 4, 3, 1, 4), narrow with { Depthwise = null }).Rule);
        Assert.Equal("conv-kernel-elements", Only(RandomPrograms.Single("n", 700, 1, 7, 1, 1), Small).Rule);
    }

    [Fact]
    public void Each_limit_of_other_instructions_and_tensors_has_a_rule()
    {
        IntegerProgram tail = RandomPrograms.UpsampleAndArgMax(19);
        Assert.Equal("upsample-channels", Only(tail, Small with { UpsampleMaxChannels = 16 }).Rule);
        Assert.Equal("argmax-channels", Only(tail, Small with { ArgMaxMaxChannels = 16 }).Rule);
        Assert.Equal("upsample-support", Only(tail, Small with { UpsampleMaxChannels = null }).Rule);
        Assert.Equal("argmax-support", Only(tail, Small with { ArgMaxMaxChannels = null }).Rule);
        Assert.Equal(["up", "classes"], ProgramChecker.Check(tail, Small with { MaxExtent = 15 }).Violations.Select(v => v.Node));
        Assert.Equal(new Violation("up", "tensor-bytes", "it has 4864 bytes", "At most 4000 bytes; use a smaller input or fewer channels."), Only(tail, Small with { MaxTensorBytes = 4000 }));
    }

    [Fact]
    public void Each_limit_of_what_moves_or_averages_values_has_a_rule()
    {
        IntegerProgram program = RandomPrograms.Moving();
        Assert.Empty(ProgramChecker.Check(program, Small).Violations);
        Assert.Equal("upsample-factor", Only(program, Small with { UpsampleMaxFactor = 2 }).Rule);
        Assert.Equal("average-pool-rows", Only(program, Small with { AveragePool = Small.AveragePool! with { MaxKernel = 2 } }).Rule);
        Assert.Equal("average-pool-stride", Only(program, Small with { AveragePool = Small.AveragePool! with { MaxStride = 3 } }).Rule);
        Assert.Equal("average-pool-support", Only(program, Small with { AveragePool = null }).Rule);
        Assert.Equal("max-pool-rows", Only(program, Small with { MaxPool = Small.MaxPool! with { MaxKernel = 2 } }).Rule);
        Assert.Equal("max-pool-stride", Only(program, Small with { MaxPool = Small.MaxPool! with { MaxStride = 1 } }).Rule);
        Assert.Equal("max-pool-support", Only(program, Small with { MaxPool = null }).Rule);
        Assert.Equal("concat-tensors", Only(program, Small with { ConcatMaxParts = 1 }).Rule);
        Assert.Equal(new Violation("cat", "concat-support", "it is a concatenation", "The march has none; end the program before it or choose another march."), Only(program, Small with { ConcatMaxParts = null }));
        IntegerProgram dilated = RandomPrograms.Single("n", 4, 4, 3, 1, 1);
        var conv = (ConvInstruction)dilated.Instructions[0];
        ConvAxis two = new(3, 1, 2, 2);
        dilated = new IntegerProgram("dilated", dilated.Tensors, [conv with { Geometry = new ConvGeometry(two, two) }], dilated.Outputs);
        Assert.Equal("conv-dilation", Only(dilated, Small with { Convolution = Small.Convolution with { MaxDilation = 1 } }).Rule);
    }

    [Fact]
    public void Compiling_reports_all_violations_in_one_message()
    {
        March none = Small with { UpsampleMaxChannels = null, ArgMaxMaxChannels = 2 };
        IntegerProgram tail = RandomPrograms.UpsampleAndArgMax(3);
        string message = Assert.Throws<WorkException>(() => ModelCompiler.Compile(tail, new CompileOptions(none, OptLevel.O2, RandomPrograms.Classes("a", "b", "c")))).Message;
        Assert.Contains("bernoulli2", message);
        Assert.Contains("up: upsample-support", message);
        Assert.Contains("classes: argmax-channels: it reads 3 channels. At most 2 channels.", message);
    }
}
