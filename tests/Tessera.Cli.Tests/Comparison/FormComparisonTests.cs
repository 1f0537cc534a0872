using Tessera.Cli.Comparison;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Cli.Tests.Comparison;

/// <summary>Which node is first, which element is worst, what the band lets pass.</summary>
public class FormComparisonTests
{
    private static readonly Graph Net = GraphParser.Parse(
        """
        graph net
        %img = input() : 1x3x1x2
        %a = conv2d(%img) in=3 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x1x2
        %b = conv2d(%a) in=2 out=2 kernel=1 stride=1 padding=0 groups=1 : 1x2x1x2
        %map = argmax(%b) : 1x1x1x2
        output class_map = %map

        """);

    [Fact]
    public void The_first_node_in_order_counts_and_its_worst_element_over_all_images()
    {
        var actual = new Form([10, 20, 30, 40], [5, 6, 7, 8]);
        var comparison = new FormComparison(Net, new Form([10, 20, 30, 40], [1, 2, 3, 4]), actual, AllowedBand.Exact);
        comparison.Take("one", []);
        Assert.Equal(("b", "one", 4), (comparison.First!.Node, comparison.First.Image, comparison.First.Elements));
        actual.A = [10, 21, 30, 33];
        comparison.Take("two", []);
        Assert.Equal(("a", "two", 2, (0, 1, 1), 40, 33), (comparison.First.Node, comparison.First.Image, comparison.First.Elements, (comparison.First.Y, comparison.First.X, comparison.First.Channel), comparison.First.Expected, comparison.First.Actual));
        actual.A = [10, 22, 30, 40];
        comparison.Take("three", []);
        Assert.Equal("two", comparison.First.Image); // a smaller difference of the same node
        Assert.Equal((3, 2), (comparison.Images, comparison.Nodes));
        Assert.Equal((7, "a"), (comparison.Largest, comparison.LargestNode));
    }

    [Fact]
    public void The_band_is_a_share_of_the_nodes_largest_magnitude_in_real_units()
    {
        // A scale of 0.5 against real values: 5, 10, 15, 20.
        var real = new Form([5, 10, 15, 21], [1, 2, 3, 4]);
        var integers = new Form([10, 20, 30, 40], [2, 4, 6, 8], 0.5f);
        Assert.Null(Compared(0.06).First); // 1 of 21 is 0.048
        NodeDifference found = Compared(0.04).First!;
        Assert.Equal(("a", 21, 20, 0.84), (found.Node, found.Expected, found.Actual, Math.Round(found.Allowed, 6)));

        FormComparison Compared(double share)
        {
            var comparison = new FormComparison(Net, real, integers, new AllowedBand(share));
            comparison.Take("x", []);
            return comparison;
        }
    }

    [Fact]
    public void What_is_no_number_leaves_every_band_and_stays_the_worst()
    {
        var actual = new Form([10, float.NaN, 300, 40], [1, 2, 3, 4]);
        var comparison = new FormComparison(Net, new Form([10, 20, 30, 40], [1, 2, 3, 4]), actual, new AllowedBand(100));
        comparison.Take("x", []);
        Assert.Equal(("a", 1, 1), (comparison.First!.Node, comparison.First.Elements, comparison.First.Channel));
        Assert.True(double.IsNaN(comparison.First.Actual));
    }

    [Fact]
    public void Forms_of_other_networks_are_refused()
    {
        var comparison = new FormComparison(Net, new Form([1, 2, 3, 4], [1, 2, 3, 4]), new Form([1, 2], [1, 2, 3, 4]), AllowedBand.Exact);
        Assert.Contains("are not of one network: a is", Assert.Throws<BadFileException>(() => comparison.Take("x", [])).Message);
    }

    private sealed class Form(float[] a, float[] b, float scale = 1) : INetworkForm
    {
        public string Name => "form";

        public float[] A { get; set; } = a;

        public IReadOnlyDictionary<string, NodeValue> Run(sbyte[] image) =>
            new Dictionary<string, NodeValue> { ["a"] = new(A, 1, A.Length / 2, 2, scale), ["b"] = new(b, 1, 2, 2, scale) };

        public ConvConstants? ConstantsOf(string node) => null;

        public void Dispose()
        {
        }
    }
}
