using Tessera.Core;
using Tessera.Imaging;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Loading;

public sealed class BatchLoaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_batch_holds_what_the_definition_of_each_step_says()
    {
        using SegmentationDataset dataset = Open(5);
        var loader = new BatchLoader(dataset, Small with { BatchSize = 2, LabelStrides = [4, 8, 16, 32, 64], KeepOriginalLabel = true });
        int next = 0;
        foreach (SegmentationBatch batch in loader.Epoch(0))
        {
            Assert.Equal(next == 4 ? 1 : 2, batch.Count);
            for (int slot = 0; slot < batch.Count; slot++, next++)
            {
                SegmentationSample sample = dataset.Read(next);
                Assert.Equal(($"sample{next}", next, 40, 60), (batch.Samples[slot].Name, batch.Samples[slot].Index, batch.Samples[slot].OriginalHeight, batch.Samples[slot].OriginalWidth));
                Assert.Equal(sample.Label.Values, batch.Samples[slot].OriginalLabel);
                Assert.Equal(ImagePreparation.Prepare(sample.Image.Pixels, 40, 60, 64, 128, YuvSwing.Full), Part(batch.Images, batch.Count, slot));
                var label = new byte[64 * 128];
                SegResize.Label(sample.Label.Values, 40, 60, label, 64, 128);
                Assert.Equal(label, Part(batch.Labels, batch.Count, slot));
                Assert.Equal([4, 8, 16, 32, 64], batch.StrideLabels.Keys.Order());
                foreach ((int stride, byte[] labels) in batch.StrideLabels)
                {
                    var coarse = new byte[64 / stride * (128 / stride)];
                    LabelShrink.Apply(label, 64, 128, stride, coarse);
                    Assert.Equal(coarse, Part(labels, batch.Count, slot));
                }
            }
        }

        Assert.Equal(5, next);
        Assert.Equal((5, 3), (loader.SamplesPerEpoch, loader.BatchesPerEpoch));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Content_does_not_depend_on_workers_prefetch_or_repetition(bool perImage)
    {
        using SegmentationDataset dataset = Open(23);
        LoaderOptions options = Small with
        {
            BatchSize = 4, Shuffle = true, Seed = 3, LabelStrides = [4, 8, 16, 32, 64], Augmentations =
            [
                new SegRandomAffine(new SegRandomAffineOptions { PerImage = perImage }), new ClassBalancedCrop(new RandomCropOptions { PerImage = perImage }), new GaussianBlur(new GaussianBlurOptions { PerImage = perImage }),
                new GaussianNoise(new GaussianNoiseOptions { PerImage = perImage }), new JpegCompression(new JpegCompressionOptions { PerImage = perImage }),
            ],
        };
        List<string> expected = Digests(new BatchLoader(dataset, options with { Workers = 0 }), 7);
        Assert.Equal(6, expected.Count);
        Assert.Equal(expected, Digests(new BatchLoader(dataset, options with { Workers = 1, Prefetch = 1 }), 7));
        var loader = new BatchLoader(dataset, options with { Workers = 5, Prefetch = 3 });
        Assert.Equal(expected, Digests(loader, 7));
        Assert.NotEqual(expected, Digests(loader, 8));
        Assert.Equal(expected, Digests(loader, 7));
    }

    [Fact]
    public void One_draw_per_batch_scales_all_its_images_alike_and_one_per_image_does_not()
    {
        using (var writer = new LmdbPackWriter(_folder.Combine("same")))
        {
            byte[] record = SampleRecord.Encode(Make.Image(64, 64), Make.Ids(64, 64), "x");
            for (int i = 0; i < 4; i++)
            {
                writer.Add(record, $"s{i}");
            }

            writer.Complete();
        }

        using SegmentationDataset dataset = SegmentationDataset.Open(_folder.Combine("same"));
        Assert.Equal(2, DifferentImages(perImage: false));
        Assert.Equal(4, DifferentImages(perImage: true));

        int DifferentImages(bool perImage)
        {
            var affine = new SegRandomAffine(new SegRandomAffineOptions { PerImage = perImage });
            var loader = new BatchLoader(dataset, Small with { Width = 64, BatchSize = 2, Augmentations = [affine] });
            return loader.Epoch(0).SelectMany(batch => Enumerable.Range(0, 2).Select(slot => Convert.ToHexString(Part(batch.Labels, 2, slot)))).Distinct().Count();
        }
    }

    [Fact]
    public void Ranks_share_an_epoch()
    {
        using SegmentationDataset dataset = Open(7);
        var seen = new List<int>();
        for (int rank = 0; rank < 2; rank++)
        {
            var loader = new BatchLoader(dataset, Small with { Shuffle = true, Rank = rank, WorldSize = 2 });
            int[] indices = [.. loader.Epoch(0).SelectMany(batch => batch.Samples).Select(sample => sample.Index)];
            Assert.Equal(4, indices.Length);
            seen.AddRange(indices);
        }

        Assert.Equal(Enumerable.Range(0, 7), seen.Distinct().Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void An_epoch_may_begin_later_with_the_same_batches_and_reads_nothing_before(int workers)
    {
        using SegmentationDataset dataset = Open(7);
        var loader = new BatchLoader(dataset, Small with { BatchSize = 2, Shuffle = true, Workers = workers, Augmentations = [new SegRandomAffine(new SegRandomAffineOptions())] });
        string[] whole = [.. loader.Epoch(3).Select(Content)];
        Assert.Equal(4, whole.Length);
        for (int first = 0; first <= 4; first++)
        {
            Assert.Equal(whole[first..], loader.Epoch(3, default, first).Select(Content));
            Assert.Equal(Math.Max(0, 7 - (2 * first)), loader.Statistics.Samples);
        }

        static string Content(SegmentationBatch batch)
        {
            string content = string.Join(" ", batch.Samples.Select(sample => sample.Index)) + Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(batch.Images.AsSpan()));
            batch.Dispose();
            return content;
        }
    }

    [Fact]
    public void Disposed_batches_lend_their_buffers_to_later_ones()
    {
        using SegmentationDataset dataset = Open(8);
        var loader = new BatchLoader(dataset, Small with { BatchSize = 2, LabelStrides = [4, 8, 16, 32, 64], Prefetch = 2 });
        var arrays = new HashSet<sbyte[]>(ReferenceEqualityComparer.Instance as IEqualityComparer<sbyte[]>);
        for (int epoch = 0; epoch < 5; epoch++)
        {
            foreach (SegmentationBatch batch in loader.Epoch(epoch))
            {
                arrays.Add(batch.Images);
                batch.Dispose();
                batch.Dispose();
            }
        }

        // 20 batches; at most two are ahead and one is with the consumer.
        Assert.InRange(arrays.Count, 1, 4);
    }

    [Fact]
    public void A_damaged_record_is_one_error_that_names_it()
    {
        using (var writer = new LmdbPackWriter(_folder.Combine("bad")))
        {
            for (int i = 0; i < 9; i++)
            {
                byte[] record = SampleRecord.Encode(Make.Image(40, 60), Make.Ids(40, 60), "x");
                record[i == 6 ? 2000 : 1] ^= (byte)(i == 6 ? 0xFF : 0);
                writer.Add(record, $"aachen_{i}");
            }

            writer.Complete();
        }

        using SegmentationDataset dataset = SegmentationDataset.Open(_folder.Combine("bad"));
        foreach (int workers in new[] { 0, 3 })
        {
            var loader = new BatchLoader(dataset, Small with { Workers = workers });
            Assert.Contains("aachen_6", Assert.Throws<BadFileException>(() => Digests(loader, 0)).Message);

            // A fault ends the epoch, not the loader.
            Assert.Contains("aachen_6", Assert.Throws<BadFileException>(() => Digests(loader, 0)).Message);
        }
    }

    [Fact]
    public void A_fault_in_an_augmentation_is_one_error_that_names_the_record()
    {
        using SegmentationDataset dataset = Open(4);
        var loader = new BatchLoader(dataset, Small with { Augmentations = [new Failing()] });
        var fault = Assert.Throws<WorkException>(() => Digests(loader, 0));
        Assert.Contains("sample", fault.Message);
        Assert.Contains("no luck", fault.Message);
    }

    [Fact]
    public void Leaving_the_loop_or_cancelling_ends_the_workers_and_the_loader_stays_usable()
    {
        using SegmentationDataset dataset = Open(30);
        var loader = new BatchLoader(dataset, Small with { BatchSize = 1, Workers = 4 });
        Assert.Equal(0, loader.Epoch(0).First().Samples[0].Index);
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (SegmentationBatch batch in loader.Epoch(0, cancellation.Token))
            {
                cancellation.Cancel();
            }
        });
        Assert.Equal(30, loader.Epoch(0).Count());
    }

    [Fact]
    public void A_pack_that_was_deleted_while_training_is_an_error_at_the_next_epoch_and_the_running_one_ends()
    {
        using SegmentationDataset dataset = Open(6);
        var loader = new BatchLoader(dataset, Small with { Prefetch = 1 });
        using IEnumerator<SegmentationBatch> epoch = loader.Epoch(0).GetEnumerator();
        Assert.True(epoch.MoveNext());
        Directory.Delete(dataset.Path, recursive: true);
        Assert.True(epoch.MoveNext());
        Assert.False(epoch.MoveNext());
        var fault = Assert.Throws<BadFileException>(() => loader.Epoch(1).Count());
        Assert.Contains(dataset.Path, fault.Message);
        Assert.Contains("deleted", fault.Message);
    }

    [Fact]
    public void Two_epochs_at_once_are_refused()
    {
        using SegmentationDataset dataset = Open(4);
        var loader = new BatchLoader(dataset, Small);
        using IEnumerator<SegmentationBatch> first = loader.Epoch(0).GetEnumerator();
        Assert.True(first.MoveNext());
        Assert.Throws<InvalidOperationException>(() => loader.Epoch(1).Count());
    }

    [Fact]
    public void Statistics_count_the_epochs_samples_and_time()
    {
        using SegmentationDataset dataset = Open(6);
        foreach (int workers in new[] { 0, 2 })
        {
            var loader = new BatchLoader(dataset, Small with { Workers = workers });
            for (int epoch = 0; epoch < 2; epoch++)
            {
                Digests(loader, epoch);
                Assert.Equal(6, loader.Statistics.Samples);
                Assert.All(new[] { loader.Statistics.Read, loader.Statistics.Decode, loader.Statistics.Augment, loader.Statistics.ConsumerWait }, time => Assert.True(time > TimeSpan.Zero));
                Assert.Equal(workers, loader.Statistics.Workers);
                Assert.True(loader.Statistics.Elapsed >= loader.Statistics.ConsumerWait);
                Assert.Equal(loader.Statistics, loader.Statistics);
            }
        }
    }

    [Fact]
    public void Memory_stays_flat_over_two_thousand_batches()
    {
        using SegmentationDataset dataset = Open(50);
        var loader = new BatchLoader(dataset, Small with
        {
            Width = 64, BatchSize = 1, LabelStrides = [4, 8, 16, 32, 64], KeepOriginalLabel = true, Augmentations = [new SegRandomAffine(new SegRandomAffineOptions()), new RandomHorizontalFlip()],
        });
        var arrays = new HashSet<byte[]>(ReferenceEqualityComparer.Instance as IEqualityComparer<byte[]>);
        Run(epochs: 4);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Run(epochs: 40);
        long after = GC.GetTotalMemory(forceFullCollection: true);

        // 2,000 batches of 20 kB: a leak of one buffer per batch would be 40 MB. Other tests run beside this one, hence the slack.
        Assert.InRange(after - before, long.MinValue, 20_000_000);

        // Prefetched batches and the one in use, whatever the number of epochs.
        Assert.InRange(arrays.Count, 1, loader.Options.Prefetch + 2);

        void Run(int epochs)
        {
            for (int epoch = 0; epoch < epochs; epoch++)
            {
                foreach (SegmentationBatch batch in loader.Epoch(epoch))
                {
                    arrays.Add(batch.Labels);
                    batch.Dispose();
                }
            }
        }
    }

    [Fact]
    public void Options_out_of_range_are_usage_errors()
    {
        using SegmentationDataset dataset = Open(1);
        Assert.Contains("The label stride is 8; it must be at least 1 and divide the input size 100x128", Assert.Throws<UsageException>(() => new BatchLoader(dataset, Small with { Height = 100, LabelStrides = [4, 8] })).Message);
        Assert.Contains("0x128", Assert.Throws<UsageException>(() => new BatchLoader(dataset, Small with { Height = 0 })).Message);
        Assert.Throws<UsageException>(() => new BatchLoader(dataset, Small with { BatchSize = 0 }));
        Assert.Throws<UsageException>(() => new BatchLoader(dataset, Small with { Workers = -1 }));
        Assert.Throws<UsageException>(() => new BatchLoader(dataset, Small with { Prefetch = 0 }));
        Assert.Throws<UsageException>(() => new BatchLoader(dataset, Small with { Rank = 1 }));
    }

    [Theory]
    [InlineData(1024, 2048, 341)]
    [InlineData(64, 64, 174_762)]
    public void A_batch_larger_than_an_array_is_a_usage_error_that_names_the_most(int height, int width, int most)
    {
        using SegmentationDataset dataset = Open(1);
        Assert.Equal(most, LoaderOptions.MostBatchSize(height, width));
        LoaderOptions options = Small with { Height = height, Width = width, BatchSize = most };
        Assert.Equal(most, new BatchLoader(dataset, options).Options.BatchSize);
        foreach (int tooMany in new[] { most + 1, 2 * most, int.MaxValue })
        {
            string message = Assert.Throws<UsageException>(() => new BatchLoader(dataset, options with { BatchSize = tooMany })).Message;
            Assert.Contains($"{most} at an input size of {height}x{width}", message);
        }

        Assert.Contains("too large", Assert.Throws<UsageException>(() => new BatchLoader(dataset, Small with { Height = 32768, Width = 32768 })).Message);
        Assert.Contains("too large", Assert.Throws<UsageException>(() => new BatchLoader(dataset, Small with { Height = 2147483584, Width = 2147483584 })).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_fault_before_a_sample_reaches_the_consumer(int workers)
    {
        // Memory ends first at a worker's own buffers, which depend on the number of augmentations, then where a batch is begun.
        using SegmentationDataset dataset = Open(4);
        var preparing = new BatchLoader(dataset, Small with { Workers = workers, Augmentations = new Unanswering() });
        Assert.Contains("num_workers", Assert.Throws<WorkException>(() => Digests(preparing, 0)).Message);

        var beginning = new BatchLoader(dataset, Small with { Workers = workers });
        beginning.Buffers.Signed.Allocate = _ => throw new OutOfMemoryException();
        string message = Assert.Throws<WorkException>(() => Digests(beginning, 0)).Message;
        Assert.Contains("batch_size", message);
        Assert.Contains("3 images of 64x128", message);

        // The loader is as good as before.
        beginning.Buffers.Signed.Allocate = length => new sbyte[length];
        Assert.Equal(2, Digests(beginning, 0).Count);
    }

    private static LoaderOptions Small { get; } = new() { Height = 64, Width = 128, BatchSize = 3 };

    private SegmentationDataset Open(int count) => SegmentationDataset.Open(Make.Pack(_folder.Combine($"pack{count}"), count));

    private static T[] Part<T>(T[] values, int count, int slot) => values[(slot * (values.Length / count))..((slot + 1) * (values.Length / count))];

    private static List<string> Digests(BatchLoader loader, int epoch)
    {
        var digests = new List<string>();
        foreach (SegmentationBatch batch in loader.Epoch(epoch))
        {
            using (batch)
            {
                byte[] content = [.. batch.Images.Select(value => (byte)value), .. batch.Labels, .. batch.StrideLabels.OrderBy(pair => pair.Key).SelectMany(pair => pair.Value)];
                digests.Add(string.Join(",", batch.Samples.Select(sample => sample.Name)) + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(content)));
            }
        }

        return digests;
    }

    /// <summary>A list that answers with what the system throws where memory has run out.</summary>
    private sealed class Unanswering : IReadOnlyList<IAugmentation>
    {
        public int Count => throw new OutOfMemoryException();

        public IAugmentation this[int index] => throw new OutOfMemoryException();

        public IEnumerator<IAugmentation> GetEnumerator() => throw new OutOfMemoryException();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class Failing : IAugmentation
    {
        public bool PerImage => true;

        public void Apply(in AugmentationBuffers source, in AugmentationBuffers target, SplittableRandom random) => throw new InvalidOperationException("no luck");
    }
}
