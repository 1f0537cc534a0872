using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.TestKit;

namespace Tessera.Training.Tests.Trainers;

/// <summary>
/// Training beside a thread that collects and finalizes without a pause. TorchSharp's numbers die then in the middle of libtorch's calls unless somebody holds
/// them: with implicit ones these tests end in "Unknown scalar type", or in other bytes, within some hundred steps.
/// </summary>
public class CollectionTests
{
    // Every operation of training at its smallest: convolution, batch norm, ReLU, sum, upsample.
    private const string Float = """
        graph tiny
        %img = input() : 2x3x8x8
        %a = conv2d(%img) in=3 out=4 kernel=3 stride=2 padding=1 groups=1 : 2x4x4x4
        %n = batch_norm2d(%a) channels=4 eps=2E-05 momentum=0.1 : 2x4x4x4
        %r = relu(%n) : 2x4x4x4
        %b = conv2d(%r) in=4 out=4 kernel=3 stride=1 padding=1 groups=4 : 2x4x4x4
        %s = add(%b, %r) : 2x4x4x4
        %u = upsample(%s) factor=2 : 2x4x8x8
        %h = conv2d(%u) in=4 out=3 kernel=1 stride=1 padding=0 groups=1 : 2x3x8x8
        output stride1 = %h
        """;

    private const string Annotated = """
        graph tiny
        %img = input() : 2x3x8x8 scale=0.0078125
        %a = conv2d(%img) in=3 out=4 kernel=3 stride=2 padding=1 groups=1 relu=true : 2x4x4x4 scale=0.01 weight_scale=0.003,0.003,0.003,0.003
        %b = conv2d(%a, %a) in=4 out=4 kernel=3 stride=1 padding=1 groups=4 relu=true residual=true : 2x4x4x4 scale=0.02 weight_scale=0.003,0.003,0.003,0.003
        %u = upsample(%b) factor=2 : 2x4x8x8 scale=0.02
        %h = conv2d(%u) in=4 out=3 kernel=1 stride=1 padding=0 groups=1 : 2x3x8x8 scale=0.02 weight_scale=0.004,0.004,0.004
        output stride1 = %h
        """;

    public CollectionTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Theory]
    [InlineData(Float)]
    [InlineData(Annotated)]
    public void Two_runs_beside_a_collecting_thread_end_with_the_same_bytes(string network) => Compare(network, steps: 300);

    [LongFact]
    public void Twenty_thousand_steps_beside_a_collecting_thread_end_with_the_same_bytes()
    {
        Compare(Float, steps: 20_000);
        Compare(Annotated, steps: 20_000);
    }

    private static void Compare(string network, int steps)
    {
        ParameterSet first = Beside(() => Train(network, steps)), second = Beside(() => Train(network, steps));
        Assert.All(first, item => Assert.Equal(item.Value, second[item.Key]));
    }

    private static ParameterSet Train(string text, int steps)
    {
        Graph graph = GraphParser.Parse(text);
        using var module = new GraphModule(graph, ParameterSet.Initialize(graph, 3));
        module.train();
        TrainerOptions options = TrainingRun.Options("", 1);
        var step = new TrainingStep(module, options with { Loss = new FocalLossOptions { Gamma = 1.5, Weights = [1] } });
        using SegmentationBatch batch = Batch();
        for (int i = 0; i < steps; i++)
        {
            step.Run(batch, 0.01, new ConfusionMatrix(3), "a step");
        }

        return module.ToParameterSet();
    }

    private static ParameterSet Beside(Func<ParameterSet> train)
    {
        bool isOver = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            return train();
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            collector.Join();
        }
    }

    private static SegmentationBatch Batch()
    {
        var random = new Random(5);
        byte[] labels = [.. Enumerable.Range(0, 2 * 64).Select(i => i % 9 == 0 ? ClassTable.Ignore : (byte)(i % 3))];
        sbyte[] images = [.. labels.SelectMany(label => Enumerable.Range(0, 3).Select(plane => (sbyte)(random.Next(-40, 40) + (plane == label ? 60 : 0))))];
        SampleInfo[] samples = [.. Enumerable.Range(0, 2).Select(n => new SampleInfo($"{n}", n, 8, 8, null))];
        return new SegmentationBatch(8, 8, images, labels, new Dictionary<int, byte[]> { [1] = labels }, samples);
    }
}
