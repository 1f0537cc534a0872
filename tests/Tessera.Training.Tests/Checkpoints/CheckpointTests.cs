using System.Globalization;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Quantization;
using Tessera.TestKit;

namespace Tessera.Training.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-checkpoints-").FullName;

    private static Network Float { get; } = RandomNetworks.Training(64, 64, seed: 1, classes: 2);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_checkpoint_is_read_back_as_it_was_written()
    {
        Checkpoint written = Checkpoint(TrainingStage.Float, Float, metric: 0.125) with
        {
            OptimizerState = new Dictionary<string, float[]> { ["momentum.backbone.mod1.0.0.bias"] = [1, 2, 3, 4, 5, 6, 7, 8] },
        };
        var store = new CheckpointStore(_folder, TrainingStage.Float);
        store.WriteLast(written);

        Checkpoint read = store.ReadLast(Float.Graph);

        Assert.Equal(Path.Combine(_folder, "float-checkpoint-last.safetensors"), store.LastPath);
        Assert.Equal(written.State, read.State);
        Assert.Equal(written.Fingerprint, read.Fingerprint);
        Assert.Equal(written.Created, read.Created);
        Assert.Equal(CheckpointFile.ThisVersion, read.ToolVersion);
        Assert.Equal((written.Run.Seed, written.Run.Config, written.Run.ConfigHash), (read.Run.Seed, read.Run.Config, read.Run.ConfigHash));
        Assert.Equal(written.Run.Classes.AsEnumerable(), read.Run.Classes.AsEnumerable());
        Assert.Equal(written.OptimizerState, read.OptimizerState);
        Assert.Equal(Float.Parameters.OrderBy(item => item.Key), read.Network.Parameters.OrderBy(item => item.Key));
    }

    [Theory]
    [InlineData("backbone.mod1.0.1.running_var", float.NaN)]
    [InlineData("backbone.mod1.0.1.running_var", -1)]
    [InlineData("backbone.mod1.0.1.running_mean", float.NegativeInfinity)]
    [InlineData("head.stride4.0.bias", float.PositiveInfinity)]
    public void A_value_that_no_trained_network_has_is_neither_written_nor_read(string name, float value)
    {
        Network network = RandomNetworks.Training(64, 64, seed: 1, classes: 2);
        var store = new CheckpointStore(_folder, TrainingStage.Float);
        store.WriteLast(Checkpoint(TrainingStage.Float, network));
        byte[] good = File.ReadAllBytes(store.LastPath);
        network.Parameters[name][1] = value;
        string found = string.Create(CultureInfo.InvariantCulture, $"{name}[1] is {value}");

        Assert.Contains(found, Assert.Throws<WorkException>(() => store.WriteLast(Checkpoint(TrainingStage.Float, network))).Message);
        Assert.Equal(good, File.ReadAllBytes(store.LastPath));

        SafetensorsFile file = SafetensorsFile.Read(store.LastPath);
        new SafetensorsFile([.. network.Parameters.ToTensors(network.Graph)], file.Metadata).Write(store.BestPath);
        BadFileException fault = Assert.Throws<BadFileException>(() => store.ReadBest(network.Graph));
        Assert.StartsWith($"{store.BestPath}: {found}", fault.Message);
    }

    [Fact]
    public void Momentum_that_is_no_number_is_not_read()
    {
        var store = new CheckpointStore(_folder, TrainingStage.Float);
        store.WriteLast(Checkpoint(TrainingStage.Float, Float) with
        {
            OptimizerState = new Dictionary<string, float[]> { ["momentum.backbone.mod1.0.0.bias"] = [1, 2, float.NaN, 4, 5, 6, 7, 8] },
        });

        Assert.Contains("optimizer.momentum.backbone.mod1.0.0.bias", Assert.Throws<BadFileException>(() => store.ReadLast(Float.Graph)).Message);
    }

    [Fact]
    public void Best_and_epoch_checkpoints_leave_the_optimizers_state_out()
    {
        Checkpoint written = Checkpoint(TrainingStage.Float, Float) with
        {
            OptimizerState = new Dictionary<string, float[]> { ["momentum.backbone.mod1.0.0.bias"] = new float[8] },
        };
        var store = new CheckpointStore(_folder, TrainingStage.Float);
        store.WriteBest(written);
        store.WriteEpoch(written);

        Assert.Empty(store.ReadBest(Float.Graph).OptimizerState);
        Assert.True(File.Exists(Path.Combine(_folder, "float-checkpoint-epoch-0003.safetensors")));
    }

    [Theory]
    [InlineData(TrainingStage.Calibration, "calibration-checkpoint-best.safetensors")]
    [InlineData(TrainingStage.Qat, "qat-checkpoint-best.safetensors")]
    public void Quantized_stages_keep_their_scales(TrainingStage stage, string file)
    {
        Network annotated = Annotated();
        var store = new CheckpointStore(_folder, stage);
        store.WriteBest(Checkpoint(stage, annotated));

        Checkpoint read = CheckpointFile.Read(Path.Combine(_folder, file), stage, Float.Graph);

        Assert.Equal(GraphText.Print(annotated.Graph), GraphText.Print(read.Network.Graph));
    }

    [Fact]
    public void A_checkpoint_of_another_stage_is_refused()
    {
        var store = new CheckpointStore(_folder, TrainingStage.Float);
        store.WriteBest(Checkpoint(TrainingStage.Float, Float));

        BadFileException fault = Assert.Throws<BadFileException>(() => CheckpointFile.Read(store.BestPath, TrainingStage.Qat, Float.Graph));

        Assert.Contains(store.BestPath, fault.Message);
        Assert.Contains("stage float", fault.Message);
        Assert.Contains("stage qat is needed", fault.Message);
        Assert.Contains("qat-checkpoint-best.safetensors", fault.Message);
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_refused()
    {
        var store = new CheckpointStore(_folder, TrainingStage.Float);
        store.WriteBest(Checkpoint(TrainingStage.Float, Float));
        Graph other = RandomNetworks.Training(64, 64, seed: 1, classes: 3).Graph;

        BadFileException fault = Assert.Throws<BadFileException>(() => store.ReadBest(other));

        Assert.Contains("another network", fault.Message);
        Assert.Contains(NetworkFingerprint.Of(other)[..12], fault.Message);
    }

    [Fact]
    public void A_missing_checkpoint_names_the_command_that_makes_it()
    {
        BadFileException fault = Assert.Throws<BadFileException>(() => new CheckpointStore(_folder, TrainingStage.Calibration).ReadBest(Float.Graph));

        Assert.Contains("tessera train --stage calibration", fault.Message);
    }

    [Fact]
    public void A_safetensors_file_of_another_program_is_refused()
    {
        string path = Path.Combine(_folder, "other.safetensors");
        new SafetensorsFile(Float.Parameters.ToTensors(Float.Graph)).Write(path);

        Assert.Contains("no checkpoint of Tessera", Assert.Throws<BadFileException>(() => CheckpointFile.Read(path, TrainingStage.Float, Float.Graph)).Message);
    }

    [Fact]
    public void A_newer_format_is_refused()
    {
        SafetensorsFile file = CheckpointFile.ToFile(Checkpoint(TrainingStage.Float, Float));
        string path = Path.Combine(_folder, "new.safetensors");
        new SafetensorsFile(file.Tensors, new Dictionary<string, string>(file.Metadata) { ["tessera.format"] = "9" }).Write(path);

        Assert.Contains("format 9", Assert.Throws<BadFileException>(() => CheckpointFile.Read(path, TrainingStage.Float, Float.Graph)).Message);
    }

    [Theory]
    [InlineData("epoch")]
    [InlineData("metric")]
    [InlineData("seed")]
    [InlineData("classes")]
    [InlineData("created")]
    public void Unreadable_metadata_is_named(string key)
    {
        SafetensorsFile file = CheckpointFile.ToFile(Checkpoint(TrainingStage.Float, Float));
        string path = Path.Combine(_folder, "odd.safetensors");
        new SafetensorsFile(file.Tensors, new Dictionary<string, string>(file.Metadata) { [key] = "x{" }).Write(path);

        Assert.Contains($" {key} ", Assert.Throws<BadFileException>(() => CheckpointFile.Read(path, TrainingStage.Float, Float.Graph)).Message);
    }

    [Fact]
    public void A_truncated_checkpoint_is_refused()
    {
        var store = new CheckpointStore(_folder, TrainingStage.Float);
        store.WriteBest(Checkpoint(TrainingStage.Float, Float));
        byte[] bytes = File.ReadAllBytes(store.BestPath);
        foreach (int length in new[] { 0, 4, 1000, bytes.Length / 2, bytes.Length - 1 })
        {
            File.WriteAllBytes(store.BestPath, bytes[..length]);
            Assert.Contains(store.BestPath, Assert.Throws<BadFileException>(() => store.ReadBest(Float.Graph)).Message);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void A_fault_in_the_middle_of_writing_leaves_the_old_file(int bytes)
    {
        new CheckpointStore(_folder, TrainingStage.Float).WriteLast(Checkpoint(TrainingStage.Float, Float, metric: 0.25));
        var failing = new CheckpointStore(_folder, TrainingStage.Float) { StreamFilter = stream => new FailingStream(stream, bytes) };

        BadFileException fault = Assert.Throws<BadFileException>(() => failing.WriteLast(Checkpoint(TrainingStage.Float, Float, metric: 0.5)));

        Assert.Contains("No space", fault.Message);
        Assert.Equal(0.25, failing.ReadLast(Float.Graph).State.Metric);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void What_a_killed_process_left_half_written_is_never_read()
    {
        var store = new CheckpointStore(_folder, TrainingStage.Float);
        store.WriteLast(Checkpoint(TrainingStage.Float, Float, metric: 0.25));
        File.WriteAllBytes($"{store.LastPath}.1.tmp", File.ReadAllBytes(store.LastPath)[..500]);

        Assert.Equal(0.25, store.ReadLast(Float.Graph).State.Metric);
    }

    [Fact]
    public void The_fingerprint_is_that_of_the_architecture()
    {
        string fingerprint = NetworkFingerprint.Of(Float.Graph);

        Assert.Equal(64, fingerprint.Length);
        Assert.Equal(fingerprint, NetworkFingerprint.Of(Float.Graph.WithInputShape(new TensorShape(4, 3, 128, 256))));
        Segmentor options = RandomNetworks.HatOptions(2);
        Assert.NotEqual(fingerprint, NetworkFingerprint.Of((options with { Neck = options.Neck with { DwWithRelu = false } }).TrainingGraph(Float.Graph.Input.Output.Shape)));
    }

    [Fact]
    public void Stage_names_are_parsed_and_unknown_ones_listed()
    {
        Assert.Equal(TrainingStage.Qat, TrainingStages.Parse("qat"));
        Assert.Contains("float, calibration, qat", Assert.Throws<UsageException>(() => TrainingStages.Parse("int8")).Message);
    }

    private static Network Annotated()
    {
        Network prepared = QuantizationPreparation.Prepare(Float);
        IEnumerable<Node> convolutions = prepared.Graph.Nodes.Where(node => node.Op is Conv2d);
        var scales = new ScaleTable(
            convolutions.Select((node, i) => (node.Name, i)).ToDictionary(item => item.Name, item => 0.01f + item.i),
            convolutions.ToDictionary(node => node.Name, node => new QuantParams([.. Enumerable.Range(1, node.Output.Shape.C).Select(channel => channel * 0.001f)])));
        return new Network(scales.Annotate(prepared.Graph), prepared.Parameters);
    }

    private static Checkpoint Checkpoint(TrainingStage stage, Network network, double metric = 0.5) => new(
        new CheckpointState(stage, 3, 400, metric, 0.75),
        new RunInfo { Seed = ulong.MaxValue, Config = "model:\n  type: Segmentor\n", Classes = ["road \"a\"", "é"] },
        network,
        NetworkFingerprint.Of(Float.Graph),
        new Dictionary<string, float[]>());

    /// <summary>A disk that is full after some bytes.</summary>
    private sealed class FailingStream(Stream inner, long capacity) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => throw new NotSupportedException();
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count)
        {
            int room = (int)Math.Min(count, capacity - inner.Position);
            inner.Write(buffer, offset, room);
            if (room < count)
            {
                throw new IOException("No space left on device.");
            }
        }
    }
}
