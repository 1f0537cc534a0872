using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs.Models;

namespace Tessera.Graphs.Tests.Models;

public class FastScnnTests
{
    private static readonly TensorShape Cityscapes = new(1, 3, 1024, 2048);
    private static readonly Graph Training = new FastScnn().TrainingGraph(Cityscapes);

    [Fact]
    public void Operations_and_parameters_are_those_of_the_paper()
    {
        OperationCounts deploy = OperationCounts.Of(DeployGraph.Of(Training)), training = OperationCounts.Of(Training);
        Assert.Equal(6_709_792_768, deploy.Macs); // about 6.7 G at 1024x2048
        Assert.Equal((1_149_635, 1_176_681), (deploy.Parameters, training.Parameters)); // 1.11 M in the paper, without the biases in front of batch norm and the auxiliary layers
    }

    [Fact]
    public void Logits_lie_at_stride_8_and_the_auxiliary_ones_behind_the_shared_layers_and_the_context()
    {
        Assert.Equal([("logits", "classifier.2"), ("detail", "auxiliary.detail.1"), ("context", "auxiliary.context.1")], Training.Outputs.Select(output => (output.Name, output.Value)));
        Assert.Equal([8, 8, 32], LogitsOutputs.Of(Training).Strides.AsEnumerable());
        Graph deploy = DeployGraph.Of(Training);
        Assert.Equal("classifier.2", Assert.Single(deploy[DeployGraph.ArgMaxNode].Inputs));
        Assert.DoesNotContain(deploy.Nodes, node => node.Name.StartsWith("auxiliary", StringComparison.Ordinal));
    }

    [Fact]
    public void Pooling_and_upsampling_of_the_pyramid_are_by_powers_of_two()
    {
        foreach ((int grid, int rows, int columns) in new[] { (1, 32, 64), (2, 16, 32), (4, 8, 16), (8, 4, 8) })
        {
            Assert.Equal(new AvgPool2d(new ConvAxis(rows, rows), new ConvAxis(columns, columns)), Training[$"pyramid.grid{grid}.pool"].Op);
            Assert.Equal(new TensorShape(1, 128, grid, grid), Training[$"pyramid.grid{grid}.pool"].Output.Shape);
            Assert.Equal(new Upsample(rows, columns, UpsampleMode.Bilinear), Training[$"pyramid.grid{grid}.upsample"].Op);
        }

        Assert.Equal(new TensorShape(1, 256, 32, 64), Training["pyramid.concat"].Output.Shape);
    }

    [Fact]
    public void Bottlenecks_are_linear_at_their_end_and_add_where_the_shape_stays()
    {
        ILookup<string, Node> readers = Training.Nodes.SelectMany(node => node.Inputs.Select(input => (input, node))).ToLookup(pair => pair.input, pair => pair.node);
        Assert.Equal([1, 2, 4, 5, 7, 8], Enumerable.Range(0, 9).Where(i => Training.Nodes.Any(node => node.Name == $"context.{i}.add")));
        Assert.All(Enumerable.Range(0, 9), i => Assert.DoesNotContain(readers[$"context.{i}.2.1"], reader => reader.Op is Relu));
        Assert.DoesNotContain(Training.Nodes.Where(node => node.Op is Add && node.Name.StartsWith("context", StringComparison.Ordinal)), add => readers[add.Name].Any(reader => reader.Op is Relu));
        Assert.Equal(4, ((Conv2d)Training["fusion.context.0.0"].Op).Geometry.Rows.Dilation);
    }

    [Fact]
    public void Each_option_changes_the_graph()
    {
        var plain = new FastScnn();
        Assert.Equal(4, plain.PyramidGrids.Length);
        Graph of(FastScnn model) => model.TrainingGraph(Cityscapes);
        Assert.Equal(7, LogitsOutputs.Of(of(plain with { Classes = 7 })).Classes);
        Assert.Equal("logits", Assert.Single(of(plain with { Auxiliary = false }).Outputs).Name);
        Assert.Equal(Training.Nodes.Count(node => node.Op is Relu) - 6, of(plain with { DwWithRelu = false }).Nodes.Count(node => node.Op is Relu));
        Assert.Equal([2, 4, 8], of(plain with { PyramidGrids = [2, 4, 8] }).Nodes.Where(node => node.Op is AvgPool2d).Select(node => node.Output.Shape.H));
        Assert.All(of(plain with { Norm = new BatchNormOptions { Eps = 0.5f } }).Nodes.Select(node => node.Op).OfType<BatchNorm2d>(), norm => Assert.Equal(0.5f, norm.Eps));
    }

    [Theory]
    [InlineData(new[] { 1, 2, 4, 8 }, "256, 512, 1024, 2048")]
    [InlineData(new[] { 1, 2, 4 }, "128, 256, 512, 1024, 2048")]
    [InlineData(new[] { 3, 6, 12 }, "384, 768, 1536, 3072, 6144")]
    [InlineData(new[] { 1, 64 }, "2048")]
    public void Its_sizes_are_those_that_every_grid_divides(int[] grids, string sizes)
    {
        var model = new FastScnn { PyramidGrids = [.. grids] };
        Assert.All(Enumerable.Range(1, 200).Select(i => 32 * i), size => Assert.Equal(sizes.Split(", ").Contains($"{size}"), model.TryTrainingGraph(new TensorShape(1, 3, size, size)) is not null));
        string fault = Assert.Throws<UsageException>(() => model.TrainingGraph(new TensorShape(1, 3, 2048, 400))).Message;
        Assert.Contains($"height and width {(grids is [1, 64] ? "" : "one of ")}{sizes} (pyramid_grids [{string.Join(", ", grids)}] divide these by 32 and a power of two). The nearest size is ", fault);
    }

    [Theory]
    [InlineData(new int[0], "is []; it must hold at least one grid from 1 to 64, each once.")]
    [InlineData(new[] { 0 }, "is [0]; it must hold at least one grid from 1 to 64, each once.")]
    [InlineData(new[] { 65 }, "is [65]; it must hold at least one grid from 1 to 64, each once.")]
    [InlineData(new[] { 2, 2 }, "is [2, 2]; it must hold at least one grid from 1 to 64, each once.")]
    [InlineData(new[] { 1, 2, 3, 6 }, "is [1, 2, 3, 6]; no map is divided by all of them into windows of a power of two, which int8 needs.")]
    public void Grids_that_no_map_has_are_refused(int[] grids, string text)
    {
        var model = new FastScnn { PyramidGrids = [.. grids] };
        OptionFault fault = Assert.Single(model.Faults());
        Assert.Equal("pyramid_grids", fault.Key);
        Assert.StartsWith(text, fault.Text);
        Assert.StartsWith($"pyramid_grids {text}", Assert.Throws<UsageException>(() => model.TrainingGraph(Cityscapes)).Message);
    }
}
