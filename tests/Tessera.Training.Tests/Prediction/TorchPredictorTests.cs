using Tessera.Graphs;
using Tessera.TestKit;
using Tessera.Training.Tests.Engine;
using Tessera.Training.Tests.Trainers;

namespace Tessera.Training.Tests.Prediction;

public class TorchPredictorTests
{
    public TorchPredictorTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Disposing_a_predictor_leaves_the_module_in_training_as_it_was(bool isQuantized)
    {
        Network network = isQuantized ? TestNetworks.Annotated(64, 64, 1) : RandomNetworks.Training(64, 64, 1);
        sbyte[] image = RandomNetworks.Image(64, 64, 1);
        long before = TrainerTests.Live();
        using (var module = new GraphModule(network.Graph, network.Parameters))
        {
            long live = TrainerTests.Live();
            var first = new TorchPredictor(module);
            ClassMaps expected = first.Predict(image, 1, 64, 64);
            first.Dispose();
            Assert.Equal(live, TrainerTests.Live());
            Assert.All(module.ToParameterSet(), item => Assert.Equal(network.Parameters[item.Key], item.Value));
            using var second = new TorchPredictor(module);
            Assert.Equal(expected.Values, second.Predict(image, 1, 64, 64).Values);
        }

        Assert.Equal(before, TrainerTests.Live());
    }

    [Fact]
    public void A_predictor_ends_the_tensors_that_it_made()
    {
        Network network = RandomNetworks.Training(64, 64, 1);
        long before = TrainerTests.Live();
        new TorchPredictor(network).Dispose();
        Assert.Equal(before, TrainerTests.Live());
    }
}
