using System.Collections.Immutable;
using System.Text;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.TestKit;

namespace Tessera.Training.Tests.Checkpoints;

/// <summary>A checkpoint says whether it is what was written, and from what it came.</summary>
public sealed class CheckpointIntegrityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-integrity-").FullName;

    private static Network Float { get; } = RandomNetworks.Training(64, 64, seed: 1, classes: 2);

    private string BestPath => new CheckpointStore(_folder, TrainingStage.Float).BestPath;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_flipped_bit_anywhere_is_refused()
    {
        Write(Float);
        byte[] bytes = File.ReadAllBytes(BestPath);
        int headerEnd = 8 + (int)BitConverter.ToUInt64(bytes), metadata = IndexOf(bytes, "__metadata__");
        var random = new Random(5);
        IEnumerable<int> places =
        [
            0, 2, IndexOf(bytes, "tessera.sha256"), IndexOf(bytes, "tessera.sha256") + 20, IndexOf(bytes, "tessera.format") + 17, headerEnd - 1, headerEnd, bytes.Length - 1,
            .. Enumerable.Range(0, 16).Select(_ => random.Next(metadata, metadata + 600)), .. Enumerable.Range(0, 16).Select(_ => random.Next(headerEnd, bytes.Length)),
        ];
        foreach (int place in places)
        {
            byte flipped = (byte)(bytes[place] ^ (1 << random.Next(8)));
            (byte old, bytes[place]) = (bytes[place], flipped);
            File.WriteAllBytes(BestPath, bytes);
            bytes[place] = old;
            Assert.Contains(BestPath, Assert.Throws<BadFileException>(() => CheckpointFile.Read(BestPath, TrainingStage.Float, Float.Graph)).Message);
        }
    }

    [Fact]
    public void A_checkpoint_of_format_1_has_no_checksum_and_is_read()
    {
        Write(Float);
        Assert.True(Read().IsVerified);
        RemoveChecksum(format: "1");
        Checkpoint older = Read();
        Assert.False(older.IsVerified);
        Assert.Equal(Float.Parameters.OrderBy(item => item.Key), older.Network.Parameters.OrderBy(item => item.Key));
    }

    [Fact]
    public void A_checkpoint_of_format_2_without_a_checksum_is_refused()
    {
        Write(Float);
        RemoveChecksum(format: "2");
        Assert.Contains("its checksum is missing", Assert.Throws<BadFileException>(Read).Message);
    }

    [Theory]
    [InlineData("epoch", "99999999999")]
    [InlineData("epoch", "2147483647")]
    [InlineData("epoch", "-1")]
    [InlineData("metric", "Infinity")]
    [InlineData("best_metric", "7")]
    [InlineData("classes", "null")]
    [InlineData("classes", "[null]")]
    [InlineData("lineage", "{\"floot\":\"1\"}")]
    [InlineData("lineage", "{\"float\":null}")]
    [InlineData("data", "[]")]
    public void Metadata_that_lie_are_named(string key, string value)
    {
        SafetensorsFile file = CheckpointFile.ToFile(Checkpoint(Float));
        new SafetensorsFile(file.Tensors, new Dictionary<string, string>(file.Metadata) { [key] = value }).Write(BestPath);
        Assert.Contains($" {key} ", Assert.Throws<BadFileException>(Read).Message);
    }

    [Fact]
    public void Lineage_and_data_come_back()
    {
        RunInfo run = new()
        {
            Lineage = ImmutableSortedDictionary<TrainingStage, string>.Empty.Add(TrainingStage.Float, "a1"),
            Data = ImmutableSortedDictionary<string, string>.Empty.Add("train", "t").Add("val", "v"),
        };
        new CheckpointStore(_folder, TrainingStage.Float).WriteBest(Checkpoint(Float) with { Run = run });
        RunInfo read = Read().Run;
        Assert.Equal(run.Lineage.AsEnumerable(), read.Lineage);
        Assert.Equal(run.Data.AsEnumerable(), read.Data);
    }

    [Fact]
    public void What_came_from_weights_that_were_replaced_is_stale()
    {
        Write(Float);
        Checkpoint trained = Read();
        Checkpoint calibration = Checkpoint(Float) with { Run = new RunInfo { Lineage = CheckpointLineage.After(trained) } };
        Assert.Null(CheckpointLineage.FirstReplaced(calibration, _folder));

        // Other metadata and the optimizer's state are no other weights.
        new CheckpointStore(_folder, TrainingStage.Float).WriteBest(Checkpoint(Float) with { Run = new RunInfo { Seed = 9 } });
        Assert.Null(CheckpointLineage.FirstReplaced(calibration, _folder));

        Write(RandomNetworks.Training(64, 64, seed: 2, classes: 2));
        Assert.Equal(TrainingStage.Float, CheckpointLineage.FirstReplaced(calibration, _folder));
        File.Delete(BestPath);
        Assert.Null(CheckpointLineage.FirstReplaced(calibration, _folder));
    }

    private void Write(Network network) => new CheckpointStore(_folder, TrainingStage.Float).WriteBest(Checkpoint(network));

    private Checkpoint Read() => CheckpointFile.Read(BestPath, TrainingStage.Float, Float.Graph);

    private static Checkpoint Checkpoint(Network network) => new(
        new CheckpointState(TrainingStage.Float, 3, 400, 0.5, 0.75), new RunInfo { Classes = ["a", "b"] }, network, NetworkFingerprint.Of(network.Graph), new Dictionary<string, float[]>());

    /// <summary>Blanks the checksum's entry out, as an older Tessera would not have written it.</summary>
    private void RemoveChecksum(string format)
    {
        byte[] bytes = File.ReadAllBytes(BestPath);
        int key = IndexOf(bytes, "\"tessera.sha256\"");
        bytes.AsSpan(key, "\"tessera.sha256\":\"\",".Length + 64).Fill((byte)' '); // with the comma that follows it
        bytes[IndexOf(bytes, "\"tessera.format\":\"") + "\"tessera.format\":\"".Length] = (byte)format[0];
        File.WriteAllBytes(BestPath, bytes);
    }

    private static int IndexOf(byte[] bytes, string text) => bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text));
}
