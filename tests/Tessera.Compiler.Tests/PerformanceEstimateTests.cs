using Tessera.Programs;

namespace Tessera.Compiler.Tests;

public class PerformanceEstimateTests
{
    // A march with round figures: 1 G multiply-adds, 1 G vector operations and 1 GB per second.
    private static readonly March Round = March.Find("cpu") with
    {
        Alignment = new MarchAlignment { InputChannels = 4, OutputChannels = 4, VectorChannels = 4, StoredChannels = 4, MemoryBytes = 64 },
        Rates = new MarchRates { ConvolutionMacsPerSecond = 1e9, VectorOperationsPerSecond = 1e9, MemoryBytesPerSecond = 1e9, SustainedFraction = 0.5 },
        StreamsRows = false,
        OnChipBytes = 0,
    };

    [Fact]
    public void The_multiply_adds_of_the_real_network_are_exact()
    {
        Assert.Equal(3_679_846_400, PerformanceEstimator.Estimate(RealNetwork.Deploy, March.Find("cpu")).Macs);
        Assert.Equal(4_326_817_792, PerformanceEstimator.Estimate(RealNetwork.Training, March.Find("cpu")).Macs);
    }

    [Fact]
    public void A_convolution_costs_what_the_formulas_say()
    {
        InstructionEstimate layer = Assert.Single(PerformanceEstimator.Estimate(RandomPrograms.Single("n", 3, 6, 3, 1, 1), Round).Layers);
        Assert.Equal(256 * 6 * 27, layer.Macs);
        Assert.Equal((6 * 27) + (6 * 8), layer.WeightBytes);
        Assert.Equal(256 * 3, layer.LoadedBytes);
        Assert.Equal(256 * 6, layer.StoredBytes); // an output keeps its own channels
        Assert.Equal(3 / 4.0 * 6 / 8, layer.Utilisation);
        Assert.Equal(1000 * 41472 / (1e9 * 0.5 * 0.5625), layer.ComputeMilliseconds, 1e-12);
        Assert.Equal(1000 * (210 + 768 + 1536) / (1e9 * 0.5), layer.MemoryMilliseconds, 1e-12);
        Assert.Equal(TimeBound.Compute, layer.Bound);
        Assert.Equal(layer.ComputeMilliseconds, layer.Milliseconds);
    }

    [Fact]
    public void Upsample_argmax_and_residual_are_counted_as_vector_work_and_never_as_multiply_adds()
    {
        PerformanceEstimate tail = PerformanceEstimator.Estimate(RandomPrograms.UpsampleAndArgMax(5), Round);
        Assert.Equal(0, tail.Macs);
        Assert.Equal([4 * 256 * 5, 256 * 5], tail.Layers.Select(layer => layer.VectorOperations));
        Assert.Equal([5 / 8.0, 5 / 8.0], tail.Layers.Select(layer => layer.Utilisation));
        Assert.Equal(256 * 8, tail.Layers[0].StoredBytes); // between instructions channels are rounded up
        PerformanceEstimate real = PerformanceEstimator.Estimate(RealNetwork.Deploy, Round);
        Assert.Equal(128 * 256 * 64, real.Layers.Single(layer => layer.Name == "neck.stride8.fuse.1.0").VectorOperations);
    }

    [Fact]
    public void What_fits_on_chip_is_not_spilled()
    {
        IntegerProgram program = RealNetwork.Deploy;
        long[] traffic = [.. new long[] { 0, 1 << 20, 8 << 20, 1L << 40 }.Select(bytes => PerformanceEstimator.Estimate(program, Round with { OnChipBytes = bytes }).DdrBytes)];
        Assert.True(traffic[0] > traffic[1] && traffic[1] > traffic[2] && traffic[2] > traffic[3], string.Join(" ", traffic));

        // With room for everything: image in, weights in, class map out, nothing else.
        Assert.Equal(program.Input.Count + program.Instructions.OfType<ConvInstruction>().Sum(conv => conv.Weights.Length + (8 * conv.Bias.Length)) + (256 * 512), traffic[3]);

        // Without any: every tensor once out, and once in for each of its readers.
        long spilled = program.Instructions.Sum(instruction => instruction.Inputs.Append(instruction.Output).Sum(tensor => Stored(program, tensor)));
        Assert.Equal(spilled + traffic[3] - program.Input.Count - (256 * 512), traffic[0]);

        static long Stored(IntegerProgram program, int tensor)
        {
            IntegerTensor shape = program.Tensors[tensor];
            return (long)shape.Height * shape.Width * (shape.Channels <= 3 ? shape.Channels : (shape.Channels + 3) / 4 * 4);
        }
    }

    [Fact]
    public void Streaming_rows_keeps_a_tensor_between_neighbours_on_chip_where_the_whole_would_not_fit()
    {
        March whole = Round with { OnChipBytes = 1 << 20 };
        March streaming = whole with { StreamsRows = true };
        InstructionEstimate Stem(March march) => PerformanceEstimator.Estimate(RealNetwork.Deploy, march).Layers[0];
        Assert.Equal(512 * 1024 * 8, Stem(whole).StoredBytes);
        Assert.Equal(0, Stem(streaming).StoredBytes);
    }

    [Fact]
    public void Totals_are_sums_and_throughput_follows_from_them()
    {
        March two = March.Find("nash-p");
        PerformanceEstimate estimate = PerformanceEstimator.Estimate(RealNetwork.Deploy, two);
        Assert.Equal(estimate.Layers.Sum(layer => Math.Max(layer.ComputeMilliseconds, layer.MemoryMilliseconds)), estimate.LatencyMilliseconds, 1e-9);
        Assert.Equal(estimate.Layers.Sum(layer => layer.DdrBytes), estimate.DdrBytes);
        Assert.Equal(1000 / estimate.LatencyMilliseconds, estimate.FramesPerSecond, 1e-6);
        double memory = estimate.Layers.Sum(layer => layer.MemoryMilliseconds);
        double compute = estimate.Layers.Sum(layer => layer.ComputeMilliseconds);
        Assert.Equal(1000 / Math.Max(compute / 4, memory), estimate.PipelinedFramesPerSecond, 1e-6);
    }

    [Theory]
    [InlineData("nash-m", 1.13)]
    [InlineData("nash-p", 0.84)]
    [InlineData("nash-b", 3.61)]
    public void Calibrated_marches_meet_the_published_latency_of_the_network(string march, double published) =>
        Assert.Equal(published, PerformanceEstimator.Estimate(Scheduler.Run(RealNetwork.Deploy, OptLevel.O2, 256).Program, March.Find(march)).LatencyMilliseconds, published / 100);

    [Fact]
    public void Measured_times_are_attached_by_name_and_complete_only_when_every_layer_has_one()
    {
        PerformanceEstimate estimate = PerformanceEstimator.Estimate(RandomPrograms.UpsampleAndArgMax(5), Round);
        Assert.Null(estimate.MeasuredMilliseconds);
        Assert.Contains("estimate", estimate.Basis);
        Assert.Contains("nothing was measured", estimate.Basis);
        PerformanceEstimate half = estimate.WithMeasured("avx2", [new MeasuredLayer("up", 2)]);
        Assert.Equal(2, half.Layers[0].MeasuredMilliseconds);
        Assert.Null(half.MeasuredMilliseconds);
        PerformanceEstimate whole = half.WithMeasured("avx2", [new MeasuredLayer("classes", 0.5)]);
        Assert.Equal(2.5, whole.MeasuredMilliseconds);
        Assert.Contains("were measured", whole.Basis);
        Assert.Equal(estimate.LatencyMilliseconds, whole.LatencyMilliseconds);
    }

    [Fact]
    public void A_measured_time_of_an_unknown_layer_or_of_no_length_is_refused()
    {
        PerformanceEstimate estimate = PerformanceEstimator.Estimate(RandomPrograms.UpsampleAndArgMax(5), Round);
        Assert.Contains("no layer gone", Assert.Throws<ArgumentException>(() => estimate.WithMeasured("avx2", [new MeasuredLayer("gone", 1)])).Message);
        Assert.Throws<ArgumentException>(() => estimate.WithMeasured("avx2", [new MeasuredLayer("up", 1), new MeasuredLayer("up", 1)]));
        Assert.Throws<ArgumentException>(() => estimate.WithMeasured("avx2", [new MeasuredLayer("up", double.NaN)]));
    }
}
