using Tessera.Core;
using Tessera.Core.Tests.Files;
using Tessera.Data;
using Tessera.TestKit;

namespace Tessera.Synthetic.Tests;

public sealed class SyntheticDatasetTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void The_files_are_read_back_through_the_layout_of_Cityscapes()
    {
        SyntheticResult result = SyntheticDataset.Write(Options("streets"));
        Assert.Equal((_root.Combine("streets"), 12, 5), (result.Path, result.NumTrain, result.NumVal));
        foreach ((string split, int count) in new[] { ("train", 12), ("val", 5) })
        {
            IReadOnlyList<ImageLabelPair> pairs = CityscapesLayout.List(result.Path, split);
            Assert.Equal(count, pairs.Count);
            foreach (ImageLabelPair pair in pairs)
            {
                Assert.Matches("^[a-z]+_[0-9]{6}_[0-9]{6}$", pair.Name);
                int index = int.Parse(pair.Name[^6..]);
                (RgbImage image, byte[] labelIds) = SyntheticStreets.Draw(new SceneOptions { Seed = 3, Split = split, Index = index, Height = 64, Width = 128 });
                LabelImage label = ImageFile.ReadLabel(pair.LabelPath);
                Assert.Equal((64, 128), (label.Height, label.Width));
                Assert.Equal(labelIds, label.Values);
                Assert.Equal(image.Pixels, ImageFile.ReadRgb(pair.ImagePath).Pixels);
            }
        }

        Assert.Equal(result.Bytes, Files("streets").Sum(file => new FileInfo(file).Length));
    }

    [Fact]
    public void The_splits_share_neither_cities_nor_pictures()
    {
        string root = SyntheticDataset.Write(Options("streets")).Path;
        string[] Cities(string split) => [.. Directory.GetDirectories(Path.Combine(root, "gtFine", split)).Select(path => Path.GetFileName(path))];
        Assert.True(Cities("train").Length > 3 && Cities("val").Length > 1);
        Assert.Empty(Cities("train").Intersect(Cities("val")));
        string[] files = Files("streets");
        Assert.Equal(files.Length, files.Select(file => Convert.ToHexString(File.ReadAllBytes(file))).Distinct().Count());
    }

    [Fact]
    public void The_number_of_workers_changes_no_byte()
    {
        SyntheticDataset.Write(Options("one") with { NumWorkers = 1 });
        SyntheticDataset.Write(Options("two") with { NumWorkers = 2 });
        string[] one = Files("one"), two = Files("two");
        Assert.Equal(34, one.Length);
        Assert.Equal(one.Select(file => Path.GetRelativePath(_root.Combine("one"), file)), two.Select(file => Path.GetRelativePath(_root.Combine("two"), file)));
        Assert.All(one.Zip(two), pair => Assert.Equal(File.ReadAllBytes(pair.First), File.ReadAllBytes(pair.Second)));
    }

    [Fact]
    public void Progress_counts_every_scene_once()
    {
        var seen = new List<SyntheticProgress>();
        SyntheticDataset.Write(Options("streets"), new Listener(seen.Add));
        Assert.Equal(Enumerable.Range(1, 17), seen.Select(step => step.Done));
        Assert.All(seen, step => Assert.Equal(17, step.Total));
    }

    [Fact]
    public void A_cancelled_run_leaves_nothing()
    {
        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => SyntheticDataset.Write(Options("streets"), new Listener(_ => cancel.Cancel()), cancel.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root.Path));
    }

    [Fact]
    public void What_a_killed_run_left_is_removed_but_not_what_a_living_one_builds()
    {
        string dead = LeftOvers.NewPath(_root.Path);
        Directory.CreateDirectory(Path.Combine(dead, "data", "gtFine"));
        File.WriteAllText(Path.Combine(dead, "lock"), "");
        Directory.CreateDirectory(LeftOvers.NewPath(_root.Path));
        using (var living = new UnfinishedFolder(_root.Combine("streets"), DiskCalls.Real))
        {
            living.Add("file", new byte[] { 1 });
            SyntheticDataset.Write(Options("streets"));
            Assert.Throws<BadFileException>(living.Complete);
        }

        Assert.Equal([_root.Combine("streets")], Directory.EnumerateFileSystemEntries(_root.Path));
        Assert.Equal(34, Files("streets").Length);
    }

    [Fact]
    public void A_target_that_holds_data_is_refused_and_kept()
    {
        Directory.CreateDirectory(_root.Combine("streets"));
        File.WriteAllText(_root.Combine("streets", "mine"), "x");
        Assert.Contains(_root.Combine("streets"), Assert.Throws<UsageException>(() => SyntheticDataset.Write(Options("streets"))).Message);
        Assert.Equal([_root.Combine("streets", "mine")], Files("streets"));
    }

    [Fact]
    public void An_empty_target_is_filled()
    {
        Directory.CreateDirectory(_root.Combine("streets"));
        SyntheticDataset.Write(Options("streets"));
        Assert.Equal(34, Files("streets").Length);
    }

    [Fact]
    public void A_target_that_cannot_be_written_is_an_error_that_names_it()
    {
        File.WriteAllText(_root.Combine("file"), "");
        Assert.Contains(_root.Combine("file", "streets"), Assert.Throws<BadFileException>(() => SyntheticDataset.Write(Options(Path.Combine("file", "streets")))).Message);
    }

    [Fact]
    public void Counts_and_sizes_out_of_range_are_usage_errors_and_write_nothing()
    {
        SyntheticOptions options = Options("streets");
        foreach (SyntheticOptions wrong in new[] { options with { NumTrain = 0 }, options with { NumVal = 1_000_000 }, options with { Height = 63 }, options with { Width = 32 }, options with { TargetDir = "" } })
        {
            Assert.Throws<UsageException>(() => SyntheticDataset.Write(wrong));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_root.Path));
    }

    private SyntheticOptions Options(string name) =>
        new() { TargetDir = _root.Combine(name), NumTrain = 12, NumVal = 5, Height = 64, Width = 128, Seed = 3, NumWorkers = 2 };

    private string[] Files(string name)
    {
        string[] files = Directory.GetFiles(_root.Combine(name), "*", SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    // Progress<T> reports later, from another thread.
    private sealed class Listener(Action<SyntheticProgress> listen) : IProgress<SyntheticProgress>
    {
        public void Report(SyntheticProgress value) => listen(value);
    }

    [Fact]
    public void Whichever_call_fails_a_drawn_data_set_is_whole_or_not_there()
    {
        var options = new SyntheticOptions { NumTrain = 1, NumVal = 1, Height = 64, Width = 128, NumWorkers = 1, TargetDir = "" };
        for (int call = 0; ; call++)
        {
            string parent = _root.Combine($"drawn{call}"), path = Path.Combine(parent, "streets");
            var disk = new FaultyDisk(call, canExchange: true);
            Exception? fault = Record.Exception(() => SyntheticDataset.Write(options with { TargetDir = path }, null, disk, CancellationToken.None));
            if (disk.Failed is null)
            {
                Assert.Null(fault);
                Assert.Equal(4, Directory.GetFiles(path, "*", SearchOption.AllDirectories).Length);
                break;
            }

            Assert.IsType<BadFileException>(fault);
            Assert.Empty(Directory.Exists(parent) ? Directory.GetFileSystemEntries(parent) : []);
        }
    }
}
