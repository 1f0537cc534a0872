using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs.Models;
using Tessera.TestKit;

namespace Tessera.Graphs.Tests.Models;

public class SegmentorTests
{
    private static readonly TensorShape Cityscapes = new(1, 3, 1024, 2048);
    private static readonly Graph Training = RandomNetworks.HatOptions().TrainingGraph(Cityscapes);

    [Fact]
    public void Operations_and_parameters_are_those_that_HAT_publishes()
    {
        OperationCounts training = OperationCounts.Of(Training), deploy = OperationCounts.Of(DeployGraph.Of(Training));
        Assert.Equal(4.326818, Math.Round(training.Macs / 1e9, 6));
        Assert.Equal(3.679846, Math.Round(deploy.Macs / 1e9, 6));
        Assert.Equal(1_380_029, training.Parameters);
    }

    [Fact]
    public void Operations_grow_with_pixels_and_batch()
    {
        OperationCounts once = OperationCounts.Of(RandomNetworks.HatOptions().TrainingGraph(new TensorShape(1, 3, 64, 128)));
        Assert.Equal(OperationCounts.Of(Training).Macs, once.Macs * 256);
        Assert.Equal(OperationCounts.Of(Training).Macs * 4, OperationCounts.Of(Training.WithInputShape(Cityscapes with { N = 4 })).Macs);
        Assert.Equal(0, Training["neck.stride4.add"].Op.Macs(Training["neck.stride4.add"].Output.Shape));
    }

    [Fact]
    public void Parameters_bear_HATs_names()
    {
        Dictionary<string, Parameter> parameters = Training.Parameters.ToDictionary(parameter => parameter.Name);
        Assert.Equal([8, 3, 3, 3], parameters["backbone.mod1.0.0.weight"].Shape.AsEnumerable());
        Assert.Equal(ParameterRole.Gamma, parameters["backbone.mod1.0.1.weight"].Role);
        Assert.Equal([8, 1, 3, 3], parameters["backbone.mod1.1.0.0.weight"].Shape.AsEnumerable());
        Assert.Equal([16, 8, 1, 1], parameters["backbone.mod1.1.1.0.weight"].Shape.AsEnumerable());
        Assert.Equal(ParameterRole.RunningMean, parameters["backbone.mod4.3.1.1.running_mean"].Role);
        Assert.Equal([128], parameters["backbone.mod4.3.1.1.running_mean"].Shape.AsEnumerable());
        Assert.Equal([19], parameters["head.stride4.0.bias"].Shape.AsEnumerable());
        Assert.Equal([19, 32, 1, 1], parameters["head.stride4.0.weight"].Shape.AsEnumerable());
        Assert.Equal([512], parameters["neck.conv64_2.1.1.running_var"].Shape.AsEnumerable());
        Assert.All(Training.Parameters.Where(parameter => parameter.Role is ParameterRole.RunningMean or ParameterRole.RunningVariance), parameter => Assert.False(parameter.IsTrained));
    }

    [Fact]
    public void The_training_graph_has_one_logits_output_per_stride()
    {
        Assert.Equal(["stride4", "stride8", "stride16", "stride32", "stride64"], Training.Outputs.Select(output => output.Name));
        Assert.Equal([4, 8, 16, 32, 64], LogitsOutputs.Of(Training).Strides.AsEnumerable());
        foreach ((GraphOutput output, int stride) in Training.Outputs.Zip(LogitsOutputs.Of(Training).Strides))
        {
            Assert.Equal(new TensorShape(1, 19, 1024 / stride, 2048 / stride), Training.ValueOf(output.Value).Shape);
        }
    }

    [Fact]
    public void The_deploy_graph_keeps_what_the_finest_logits_need_and_ends_in_the_argmax()
    {
        Graph deploy = DeployGraph.Of(Training);
        GraphOutput output = Assert.Single(deploy.Outputs);
        Assert.Equal((DeployGraph.ClassMap, DeployGraph.ArgMaxNode), (output.Name, output.Value));
        Assert.Equal(new TensorShape(1, 1, 256, 512), deploy.ValueOf(output.Value).Shape);
        Assert.DoesNotContain(deploy.Nodes, node => node.Name.StartsWith("head.stride8", StringComparison.Ordinal) || node.Name.StartsWith("neck.output.stride64", StringComparison.Ordinal));
        Assert.Contains(deploy.Nodes, node => node.Name.StartsWith("neck.conv64_2", StringComparison.Ordinal));
        Assert.All(deploy.Nodes.Where(node => node.Name != DeployGraph.ArgMaxNode), node => Assert.Equal(Training[node.Name], node, SameNode));
    }

    private static bool SameNode(Node a, Node b) => a.Op == b.Op && a.Inputs.SequenceEqual(b.Inputs) && a.Output == b.Output;

    [Theory]
    [InlineData(1024, 2000, 3)]
    [InlineData(1000, 2048, 3)]
    [InlineData(32, 64, 3)]
    [InlineData(64, 64, 1)]
    public void A_size_not_divisible_by_64_or_other_channels_are_a_users_mistake(int height, int width, int channels)
    {
        UsageException fault = Assert.Throws<UsageException>(() => RandomNetworks.HatOptions().TrainingGraph(new TensorShape(1, channels, height, width)));
        Assert.Contains($"1x{channels}x{height}x{width}", fault.Message);
        Assert.Contains("divisible by 64", fault.Message);
    }

    [Theory]
    [InlineData(1.0 / 32, 1)]
    [InlineData(0.125, 4)]
    [InlineData(0.25, 8)]
    [InlineData(0.5, 16)]
    [InlineData(0.75, 24)]
    [InlineData(1.0, 32)]
    public void Every_width_of_the_backbone_builds_with_its_base_channels(double alpha, int baseChannels)
    {
        Graph graph = Options(alpha, baseChannels).TrainingGraph(new TensorShape(1, 3, 64, 128));
        Assert.Equal(baseChannels, graph["backbone.mod1.0.0"].Output.Shape.C);
        Assert.Equal(32 * baseChannels, graph["backbone.mod5.1.1.0"].Output.Shape.C);
        Assert.Equal(4 * baseChannels, ((Conv2d)graph["head.stride4.0"].Op).InChannels);
    }

    [Theory]
    [InlineData(0.25, 16, "base_channels")]
    [InlineData(0.01, 8, "backbone.alpha")]
    [InlineData(-1, 8, "backbone.alpha")]
    [InlineData(17, 8, "backbone.alpha")]
    [InlineData(double.NaN, 8, "backbone.alpha")]
    public void Widths_that_do_not_fit_name_the_key(double alpha, int baseChannels, string key) =>
        Assert.Contains(key, Assert.Throws<UsageException>(() => Options(alpha, baseChannels).TrainingGraph(new TensorShape(1, 3, 64, 64))).Message);

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    public void A_class_map_holds_1_to_255_classes(int classes) =>
        Assert.Contains("num_classes", Assert.Throws<UsageException>(() => RandomNetworks.HatOptions(classes).TrainingGraph(new TensorShape(1, 3, 64, 64))).Message);

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 4, 4 })]
    [InlineData(new[] { 3 })]
    [InlineData(new[] { 128 })]
    public void Output_scales_are_different_strides_of_the_network(int[] scales)
    {
        Segmentor options = RandomNetworks.HatOptions();
        options = options with { Neck = options.Neck with { OutputScales = [.. scales] } };
        Assert.Contains("output_scales", Assert.Throws<UsageException>(() => options.TrainingGraph(new TensorShape(1, 3, 64, 64))).Message);
    }

    [Fact]
    public void Output_scales_and_depthwise_relu_are_followed()
    {
        Segmentor options = RandomNetworks.HatOptions();
        Graph two = (options with { Neck = options.Neck with { OutputScales = [16, 2] } }).TrainingGraph(new TensorShape(1, 3, 64, 64));
        Assert.Equal([2, 16], LogitsOutputs.Of(two).Strides.AsEnumerable());
        Assert.True(Training.TryFind("neck.conv64_1.0.2", out _));
        Graph without = (options with { Neck = options.Neck with { DwWithRelu = false } }).TrainingGraph(new TensorShape(1, 3, 64, 64));
        Assert.False(without.TryFind("neck.conv64_1.0.2", out _));
        Assert.True(without.TryFind("backbone.mod2.0.0.2", out _));
    }

    [Fact]
    public void The_default_options_make_a_network()
    {
        Graph graph = new Segmentor().TrainingGraph(new TensorShape(1, 3, 64, 64));
        Assert.Equal([4, 8, 16, 32, 64], LogitsOutputs.Of(graph).Strides.AsEnumerable());
        Assert.Equal(19, DeployGraph.Of(graph).ValueOf("head.stride4.1").Shape.C);
        var builder = new GraphBuilder("parts");
        ImmutableArray<Value> features = MobileNetV1.Build(builder, builder.Input("img", new TensorShape(1, 3, 64, 64)), new MobileNetV1Options());
        ImmutableArray<(int Stride, Value Map)> maps = DwUnet.Build(builder, features, new DwUnetOptions());
        Assert.Equal(5, SegHead.Build(builder, maps, new SegHeadOptions()).Length);
    }

    private static Segmentor Options(double alpha, int baseChannels)
    {
        Segmentor options = RandomNetworks.HatOptions();
        return options with { Backbone = options.Backbone with { Alpha = alpha }, Neck = options.Neck with { BaseChannels = baseChannels } };
    }
}
