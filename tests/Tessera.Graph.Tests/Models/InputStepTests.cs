using Tessera.Core;
using Tessera.Graphs.Models;

namespace Tessera.Graphs.Tests.Models;

public class InputStepTests
{
    private readonly GraphBuilder _builder = new("steps");

    [Fact]
    public void Inputs_of_a_node_may_have_different_sizes()
    {
        // The residual of a strided convolution has the size of its output.
        Value image = _builder.Input("img", new TensorShape(1, 3, 24, 48)), back = _builder.Node("back", Upsample.Bilinear(2), Pool("deep", image, 4));
        Assert.Equal((4, 4), Step(_builder.Node("conv", new Conv2d(3, 3, ConvGeometry.Square(3, 2, 1)) { Residual = true }, image, back)));
    }

    [Fact]
    public void Where_two_ways_meet_that_grow_unlike_the_graph_holds_for_its_own_size_only()
    {
        // 16 - 8 is 16 / 2, which no other size has.
        Value image = _builder.Input("img", new TensorShape(1, 3, 16, 16));
        Value half = Pool("half", image, 2), cut = _builder.Node("cut", new Conv2d(3, 3, new ConvGeometry(new ConvAxis(9), new ConvAxis(9))), image);
        Assert.Equal((16, 16), Step(_builder.Node("sum", new Add(), half, cut)));
    }

    private Value Pool(string name, Value x, int window) => _builder.Node(name, new AvgPool2d(new ConvAxis(window, window), new ConvAxis(window, window)), x);

    private (int Height, int Width) Step(Value end)
    {
        _builder.Output("end", end);
        return InputStep.Of(_builder.Build());
    }
}
