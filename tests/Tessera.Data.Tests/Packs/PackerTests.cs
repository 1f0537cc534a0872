using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Packs;

public sealed class PackerTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_split_is_packed_in_sorted_order_whatever_the_number_of_workers(int workers)
    {
        Make.Cityscapes(_root.Path, "train", 17);
        var progress = new List<PackProgress>();
        PackResult result = Packer.Run(
            new PackOptions { SrcDataDir = _root.Path, TargetDataDir = _root.Combine("out", "deep"), NumWorkers = workers }, new Recorder(progress));
        Assert.Equal(_root.Combine("out", "deep", "train_lmdb"), result.Path);
        Assert.True(File.Exists(Path.Combine(result.Path, "lock.mdb")));
        Assert.Equal(Enumerable.Range(1, 17), progress.Select(step => step.Done));
        Assert.All(progress, step => Assert.Equal(17, step.Total));

        IReadOnlyList<ImageLabelPair> pairs = CityscapesLayout.List(_root.Path, "train");
        using LmdbStore store = LmdbStore.Open(result.Path);
        Assert.Equal(pairs.Select(pair => pair.Name), store.Metadata!.Names);
        for (int i = 0; i < pairs.Count; i++)
        {
            (RgbImage image, LabelImage label) = SampleRecord.Decode(store.GetRecord(i), "x");
            Assert.Equal(ImageFile.ReadRgb(pairs[i].ImagePath).Pixels, image.Pixels);
            Assert.Equal(ImageFile.ReadLabel(pairs[i].LabelPath).Values, label.Values);
        }

        // The tree and the unused ends of pages: no reserved space.
        Assert.Equal(new FileInfo(Path.Combine(result.Path, "data.mdb")).Length, result.Bytes);
        Assert.InRange(result.Bytes, 0, Enumerable.Range(0, 17).Sum(i => (long)store.GetRecord(i).Length + 4096) + (4 * 4096));
    }

    [Fact]
    public void The_target_defaults_to_the_source_and_the_number_of_samples_can_be_limited()
    {
        Make.Cityscapes(_root.Path, "val", 5);
        PackResult result = Packer.Run(new PackOptions { SrcDataDir = _root.Path, SplitName = "val", PackType = "LMDB", NumSamples = 2 });
        Assert.Equal(_root.Combine("val_lmdb"), result.Path);
        Assert.Equal(2, result.Count);
        using LmdbStore store = LmdbStore.Open(result.Path);
        Assert.Equal(["aachen_000002", "aachen_000004"], store.Metadata!.Names);
    }

    [Fact]
    public void Wrong_options_are_usage_errors()
    {
        Assert.Contains("mxrecord", Assert.Throws<UsageException>(() => Packer.Run(new PackOptions { SrcDataDir = _root.Path, PackType = "mxrecord" })).Message);
        Assert.Throws<UsageException>(() => Packer.Run(new PackOptions { SrcDataDir = _root.Path, SplitName = "training" }));
        Assert.Throws<UsageException>(() => Packer.Run(new PackOptions { SrcDataDir = _root.Path, NumSamples = 0 }));
    }

    [Fact]
    public void A_label_value_outside_the_table_is_an_error_that_names_file_and_value()
    {
        LabelImage label = Make.Ids(40, 60);
        label.Values[125] = 255;
        Assert.Contains("the value 255 at row 2, column 5", BadPair(Make.Image(40, 60), label).Message);
    }

    [Fact]
    public void An_image_and_a_label_of_different_sizes_are_an_error() => Assert.Contains("40x60", BadPair(Make.Image(40, 60), Make.Ids(40, 61)).Message);

    [Fact]
    public void A_truncated_image_is_an_error()
    {
        Make.Cityscapes(_root.Path, "train", 3);
        string path = Make.ImagePath(_root.Path, "train", "zurich", "zurich_000003");
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.Contains(path, Assert.Throws<BadFileException>(() => Packer.Run(new PackOptions { SrcDataDir = _root.Path })).Message);
        Assert.Empty(Directory.GetDirectories(_root.Path, "*train_lmdb*"));
    }

    [Fact]
    public void A_cancelled_run_leaves_nothing_and_an_older_pack_stays()
    {
        Make.Cityscapes(_root.Path, "train", 9);
        PackOptions options = new() { SrcDataDir = _root.Path, NumWorkers = 1 };
        Packer.Run(options with { NumSamples = 2 });
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Packer.Run(options, new Recorder([], cancellation), cancellation.Token));
        Assert.Equal([_root.Combine("train_lmdb")], Directory.GetDirectories(_root.Path, "*train_lmdb*"));
        using LmdbStore store = LmdbStore.Open(_root.Combine("train_lmdb"));
        Assert.Equal(2, store.Count);
    }

    [RequiresPythonLmdbFact]
    public void A_pack_is_read_the_way_hat_reads_it()
    {
        Make.Cityscapes(_root.Path, "train", 3);
        PackResult result = Packer.Run(new PackOptions { SrcDataDir = _root.Path });
        (int exitCode, string output) = PythonLmdb.Run(Path.Combine(SampleData.RepositoryRoot, "scripts", "check_pack.py"), result.Path);
        Assert.True(exitCode == 0, output);
        Assert.Contains("3 records", output);
        Assert.Contains("3 x 40x60", output);
    }

    [RequiresPythonLmdbFact]
    public void A_pack_that_python_wrote_as_hat_does_is_read()
    {
        (int exitCode, string output) = PythonLmdb.Run("-c", """
            import lmdb, msgpack, struct, sys, zlib

            def png(height, width, bgr):
                def chunk(kind, body):
                    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
                rows = b"".join(b"\0" + bgr[y * width * 3:(y + 1) * width * 3] for y in range(height))
                return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                        + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))

            env = lmdb.open(sys.argv[1], map_size=2**40, map_async=True, meminit=False)
            for i in range(12):
                height, width = 20 + i, 30
                bgr = b"".join(bytes([i, y, x]) for y in range(height) for x in range(width))
                label = bytes((x + y + i) % 34 for y in range(height) for x in range(width))
                body = struct.pack("=HH", height, width) + png(height, width, bgr) + label
                with env.begin(write=True) as txn:
                    txn.put(str(i).encode("ascii"), msgpack.packb(body, use_bin_type=True))
            with env.begin(write=True) as txn:
                txn.put(b"__len__", b"12")
            """, _root.Path);
        Assert.True(exitCode == 0, output);
        using SegmentationDataset dataset = SegmentationDataset.Open(_root.Path);
        Assert.Equal(12, dataset.Count);
        for (int i = 0; i < 12; i++)
        {
            SegmentationSample sample = dataset.Read(i);
            Assert.Equal((20 + i, 30), (sample.Image.Height, sample.Image.Width));
            for (int y = 0; y < 20 + i; y++)
            {
                for (int x = 0; x < 30; x++)
                {
                    int pixel = (y * 30) + x;
                    Assert.Equal(new byte[] { (byte)x, (byte)y, (byte)i }, sample.Image.Pixels[(pixel * 3)..((pixel * 3) + 3)]);
                    Assert.Equal(CityscapesLabels.TrainIds[(x + y + i) % 34], sample.Label.Values[pixel]);
                }
            }
        }
    }

    private BadFileException BadPair(RgbImage image, LabelImage label)
    {
        Make.Cityscapes(_root.Path, "train", 3);
        Make.Pair(_root.Path, "train", "ulm", "ulm_1", image, label);
        var fault = Assert.Throws<BadFileException>(() => Packer.Run(new PackOptions { SrcDataDir = _root.Path }));
        Assert.Contains("ulm_1", fault.Message);
        Assert.Empty(Directory.GetDirectories(_root.Path, "*train_lmdb*"));
        return fault;
    }

    private sealed class Recorder(List<PackProgress> steps, CancellationTokenSource? cancelAfterFirst = null) : IProgress<PackProgress>
    {
        public void Report(PackProgress value)
        {
            steps.Add(value);
            cancelAfterFirst?.Cancel();
        }
    }
}
