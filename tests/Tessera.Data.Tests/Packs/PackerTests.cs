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
        Assert.Throws<UsageException>(() => Packer.Run(new PackOptions { SrcDataDir = _root.Path, JpegQuality = 0 }));
        Assert.Throws<UsageException>(() => Packer.Run(new PackOptions { SrcDataDir = _root.Path, Resize = new PackSize(0, 64) }));
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

    [Theory]
    [InlineData(ImageCodec.Png)]
    [InlineData(ImageCodec.Jpeg)]
    [InlineData(ImageCodec.Raw)]
    [InlineData(ImageCodec.Lz4)]
    public void Every_codec_packs_and_the_reader_recognises_it(ImageCodec codec)
    {
        Make.Cityscapes(_root.Path, "train", 3);
        PackResult result = Packer.Run(new PackOptions { SrcDataDir = _root.Path, ImageCodec = codec });
        using SegmentationDataset dataset = SegmentationDataset.Open(result.Path);
        Assert.Equal(codec, dataset.Metadata!.Manifest!.Codec);
        IReadOnlyList<ImageLabelPair> pairs = CityscapesLayout.List(_root.Path, "train");
        for (int i = 0; i < 3; i++)
        {
            SegmentationSample sample = dataset.Read(i);
            byte[] original = ImageFile.ReadRgb(pairs[i].ImagePath).Pixels;
            if (codec == ImageCodec.Jpeg)
            {
                // Noise is the worst case for JPEG; at quality 95 it stays near on average, and swapped channels would be about 85 away.
                Assert.InRange(original.Zip(sample.Image.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 8);
            }
            else
            {
                Assert.Equal(original, sample.Image.Pixels);
            }
        }
    }

    [Fact]
    public void The_manifest_counts_classes_and_values_and_hashes_the_records()
    {
        Make.Cityscapes(_root.Path, "train", 4);
        PackResult result = Packer.Run(new PackOptions { SrcDataDir = _root.Path });
        using LmdbStore store = LmdbStore.Open(result.Path);
        PackManifest manifest = store.Metadata!.Manifest!;
        var values = new long[256];
        var images = new int[19];
        using var all = new MemoryStream();
        for (int i = 0; i < 4; i++)
        {
            byte[] record = store.GetRecord(i);
            all.Write(record);
            byte[] label = SampleRecord.Decode(record, "x").Label.Values;
            foreach (byte value in label)
            {
                values[value]++;
            }

            foreach (byte trainId in label.Select(id => CityscapesLabels.TrainIds[id]).Distinct().Where(id => id != 255))
            {
                images[trainId]++;
            }
        }

        Assert.Equal(values, manifest.Statistics.PixelsByValue);
        Assert.Equal(images, manifest.Statistics.ClassImages);
        for (int c = 0; c < 19; c++)
        {
            Assert.Equal(Enumerable.Range(0, 34).Where(id => CityscapesLabels.TrainIds[id] == c).Sum(id => values[id]), manifest.Statistics.ClassPixels[c]);
        }

        Assert.Equal((4, 4 * 40 * 60L, 0L), (manifest.Statistics.Images, manifest.Statistics.Pixels, manifest.Statistics.UnknownPixels));
        Assert.Equal(manifest.Statistics.Pixels, manifest.Statistics.IgnoredPixels + manifest.Statistics.ClassPixels.Sum());
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(all.ToArray())), manifest.ContentHash);
        Assert.Equal(ClassTable.Cityscapes.Classes, manifest.Classes.Classes);
        Assert.Equal(Enumerable.Range(0, 256).Select(id => id < 34 ? CityscapesLabels.TrainIds[id] : LabelRemap.Unknown), Enumerable.Range(0, 256).Select(id => manifest.Remap.TrainIdOf((byte)id)));
        Assert.Equal(result.Manifest.ContentHash, manifest.ContentHash);
        Assert.Null(manifest.Resize);
    }

    [Fact]
    public void A_pack_that_was_resized_gives_exactly_the_batches_of_one_that_was_not()
    {
        Make.Cityscapes(_root.Path, "train", 5, height: 75, width: 124);
        PackOptions options = new() { SrcDataDir = _root.Path, ImageCodec = ImageCodec.Raw };
        PackResult original = Packer.Run(options with { TargetDataDir = _root.Combine("a") });
        PackResult resized = Packer.Run(options with { TargetDataDir = _root.Combine("b"), Resize = new PackSize(64, 128) });
        Assert.Equal(new PackSize(64, 128), resized.Manifest.Resize);
        using SegmentationDataset first = SegmentationDataset.Open(original.Path), second = SegmentationDataset.Open(resized.Path);
        Assert.Equal((64, 128), (second.Read(0).Image.Height, second.Read(0).Image.Width));
        LoaderOptions loading = new() { Height = 64, Width = 128, BatchSize = 5, Augmentations = [new SegRandomAffine(new SegRandomAffineOptions())] };
        SegmentationBatch one = new BatchLoader(first, loading).Epoch(0).Single(), two = new BatchLoader(second, loading).Epoch(0).Single();
        Assert.Equal(one.Images, two.Images);
        Assert.Equal(one.Labels, two.Labels);
    }

    [Fact]
    public void Another_layout_and_encoding_are_packed_with_their_class_table()
    {
        for (int i = 0; i < 3; i++)
        {
            RgbImage colours = Make.Image(20, 30, i);
            LabelImage label = Make.TrainIds(20, 30, i);
            ImageFile.WriteRgb(_root.Combine("images", "val", $"{i}.jpg"), colours);
            ImageFile.WriteClassMap(_root.Combine("labels", "val", $"{i}.png"), label, ClassTable.Cityscapes);
        }

        foreach (string labels in new[] { "palette", "rgb" })
        {
            SegmentationLayout layout = SegmentationLayout.Create(new LayoutOptions
            {
                Root = _root.Path, Type = "folders", Labels = labels, Classes = "cityscapes", Colours = labels == "rgb" ? [new ColourClass(0, 0, 0, 255)] : [],
            });
            PackResult result = Packer.Run(new PackOptions { SrcDataDir = _root.Path, Layout = layout, SplitName = "val", TargetDataDir = _root.Combine(labels) });
            using SegmentationDataset dataset = SegmentationDataset.Open(result.Path);
            Assert.Equal(PackMetadata.TrainIds, dataset.Metadata!.Encoding);
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(Make.TrainIds(20, 30, i).Values, dataset.Read(i).Label.Values);
            }
        }
    }

    [RequiresSampleFact]
    public void The_real_camvid_sample_is_packed_and_read()
    {
        SegmentationLayout layout = SegmentationLayout.CamVid(Path.Combine(SampleData.Folder, "camvid"));
        PackResult result = Packer.Run(new PackOptions { SrcDataDir = layout.Root, Layout = layout, SplitName = "val", TargetDataDir = _root.Path, NumSamples = 4 });
        using SegmentationDataset dataset = SegmentationDataset.Open(result.Path);
        IReadOnlyList<ImageLabelPair> pairs = layout.List("val");
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(ImageFile.ReadRgb(pairs[i].ImagePath).Pixels, dataset.Read(i).Image.Pixels);
            Assert.Equal(ImageFile.ReadLabel(pairs[i].LabelPath).Values, dataset.Read(i).Label.Values);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    [InlineData(120_000)]
    public void A_disk_that_fills_up_is_one_error_and_leaves_nothing_but_the_older_pack(int free)
    {
        Make.Cityscapes(_root.Path, "train", 17);
        PackOptions options = new() { SrcDataDir = _root.Path, ImageCodec = ImageCodec.Raw };
        Packer.Run(options with { NumSamples = 1 });
        var fault = Assert.Throws<BadFileException>(() => Packer.Run(options, null, new FullDisk(free), CancellationToken.None));
        Assert.Contains("No space left", fault.Message);
        Assert.Contains("train_lmdb", fault.Message);
        Assert.Contains("Free some space", fault.Message);
        Assert.Equal([_root.Combine("train_lmdb")], Directory.GetDirectories(_root.Path, "*train_lmdb*"));
        using LmdbStore store = LmdbStore.Open(_root.Combine("train_lmdb"));
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void Progress_tells_rate_and_time_left()
    {
        var progress = new PackProgress(20, 50, 1, TimeSpan.FromSeconds(4));
        Assert.Equal((5.0, TimeSpan.FromSeconds(6)), (progress.Rate, progress.TimeLeft));
        Assert.Equal((0.0, TimeSpan.Zero), (default(PackProgress).Rate, default(PackProgress).TimeLeft));
    }

    [Theory]
    [InlineData("512,1024", 512, 1024)]
    [InlineData(" 64, 128 ", 64, 128)]
    public void A_size_is_read_from_text(string text, int height, int width) => Assert.Equal(new PackSize(height, width), PackSize.Parse(text));

    [Theory]
    [InlineData("512")]
    [InlineData("512x1024")]
    [InlineData("0,10")]
    [InlineData("-1,10")]
    [InlineData("70000,10")]
    [InlineData("1,2,3")]
    public void Another_text_is_a_usage_error(string text) => Assert.Contains($"'{text}'", Assert.Throws<UsageException>(() => PackSize.Parse(text)).Message);

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

    /// <summary>A disk with so many bytes free for one file.</summary>
    private sealed class FullDisk(long free) : DiskCalls
    {
        public override FileStream Create(string path, bool isPrivate) => new FullFile(path, free);

        private sealed class FullFile(string path, long free) : FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0)
        {
            public override void Write(byte[] buffer, int offset, int count)
            {
                if (Position + count > free)
                {
                    throw new IOException("No space left on device");
                }

                base.Write(buffer, offset, count);
            }
        }
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
