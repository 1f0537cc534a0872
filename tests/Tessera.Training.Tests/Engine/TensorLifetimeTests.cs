using Tessera.Graphs;
using Tessera.TestKit;
using TorchSharp;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

public class TensorLifetimeTests
{
    public TensorLifetimeTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Forward_leaves_no_tensor_but_its_outputs(bool isQuantized)
    {
        Network network = Make(isQuantized);
        using var module = new GraphModule(network.Graph, network.Parameters);
        using Tensor images = TestNetworks.Images(1, 64, 64, 1);
        foreach (bool gradients in new[] { true, false })
        {
            using IDisposable mode = set_grad_enabled(gradients);
            long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            Tensor[] outputs = module.Forward(images);
            Assert.Equal(outputs.Length, DisposeScopeManager.Statistics.ThreadTotalLiveCount - before);
            foreach (Tensor output in outputs)
            {
                output.Dispose();
            }

            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void Without_gradients_only_the_values_still_needed_are_alive()
    {
        Network network = Make(isQuantized: false);
        using var module = new GraphModule(network.Graph, network.Parameters);
        module.eval();
        using Tensor images = TestNetworks.Images(1, 64, 64, 1);
        using IDisposable mode = no_grad();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount, most = 0;
        Tensor[] outputs = module.ForwardTapped(images, (_, _) => most = Math.Max(most, DisposeScopeManager.Statistics.ThreadTotalLiveCount - before));
        foreach (Tensor output in outputs)
        {
            output.Dispose();
        }

        // The four skip maps, the five maps of the decoder on their way to the heads, and a few of the moment.
        Assert.InRange(most, 1, 16);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Hundreds_of_training_steps_leak_neither_handles_nor_memory(bool isQuantized)
    {
        Network network = Make(isQuantized);
        using var module = new GraphModule(network.Graph, network.Parameters);
        var optimizer = new Sgd(module, new());
        var loss = new FocalLoss(new(), [4, 8, 16, 32, 64]);
        using Tensor images = TestNetworks.Images(2, 64, 64, 1);
        Tensor[] labels = [.. new[] { 16, 8, 4, 2, 1 }.Select(size => zeros([2, size, size], ScalarType.Int64))];
        Steps(20); // fills the optimizer's state and libtorch's own buffers
        long handles = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        long memory = ResidentBytes();
        Steps(200);
        Assert.Equal(handles, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        // One step's maps are 10 MB: 200 leaked ones would be 2 GB. The allocator and the runtime may keep some more than before.
        Assert.InRange(ResidentBytes() - memory, long.MinValue, 100_000_000);
        foreach (Tensor label in labels)
        {
            label.Dispose();
        }

        void Steps(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor value = loss.Forward(module.Forward(images), labels);
                optimizer.ZeroGradients();
                value.backward();
                optimizer.Step(1e-4);
            }
        }
    }

    [Fact]
    public void A_disposed_module_leaves_nothing_behind()
    {
        Network network = Make(isQuantized: true);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var module = new GraphModule(network.Graph, network.Parameters);
        Assert.True(DisposeScopeManager.Statistics.ThreadTotalLiveCount > before);
        module.Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Network Make(bool isQuantized)
    {
        if (isQuantized)
        {
            return TestNetworks.Annotated(64, 64, 1);
        }

        Graph graph = RandomNetworks.Training(64, 64, 1).Graph;
        return new Network(graph, ParameterSet.Initialize(graph, 1));
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }
}
