using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Cityscapes;

public sealed class CityscapesLayoutTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Pairs_are_sorted_by_city_and_name_and_other_files_do_not_count()
    {
        Make.Cityscapes(_root.Path, "train", 5);
        File.WriteAllText(_root.Combine("gtFine", "train", "aachen", "aachen_000001_gtFine_polygons.json"), "{}");
        File.WriteAllText(_root.Combine("leftImg8bit", "train", "aachen", ".DS_Store"), "");
        IReadOnlyList<ImageLabelPair> pairs = CityscapesLayout.List(_root.Path, "train");
        Assert.Equal(["aachen_000002", "aachen_000004", "zurich_000001", "zurich_000003", "zurich_000005"], pairs.Select(pair => pair.Name));
        Assert.All(pairs, pair => Assert.True(File.Exists(pair.ImagePath) && File.Exists(pair.LabelPath)));
    }

    [Fact]
    public void An_image_without_a_label_is_an_error_that_names_both_files()
    {
        Make.Cityscapes(_root.Path, "val", 2);
        Make.Pair(_root.Path, "val", "ulm", "ulm_1", Make.Image(4, 4), label: null);
        var fault = Assert.Throws<BadFileException>(() => CityscapesLayout.List(_root.Path, "val"));
        Assert.Contains(Make.ImagePath(_root.Path, "val", "ulm", "ulm_1"), fault.Message);
        Assert.Contains(Make.LabelPath(_root.Path, "val", "ulm", "ulm_1"), fault.Message);
    }

    [Fact]
    public void A_label_without_an_image_is_an_error_that_names_both_files()
    {
        Make.Cityscapes(_root.Path, "val", 2);
        Make.Pair(_root.Path, "val", "ulm", "ulm_1", image: null, Make.Ids(4, 4));
        var fault = Assert.Throws<BadFileException>(() => CityscapesLayout.List(_root.Path, "val"));
        Assert.Contains(Make.ImagePath(_root.Path, "val", "ulm", "ulm_1"), fault.Message);
        Assert.Contains(Make.LabelPath(_root.Path, "val", "ulm", "ulm_1"), fault.Message);
    }

    [Fact]
    public void A_missing_split_folder_and_an_empty_one_are_errors_that_name_it()
    {
        string images = _root.Combine("leftImg8bit", "train");
        Assert.Contains(images, Assert.Throws<BadFileException>(() => CityscapesLayout.List(_root.Path, "train")).Message);
        Directory.CreateDirectory(images);
        Directory.CreateDirectory(_root.Combine("gtFine", "train"));
        Assert.Contains(images, Assert.Throws<BadFileException>(() => CityscapesLayout.List(_root.Path, "train")).Message);
    }

    [Fact]
    public void An_unknown_split_is_a_usage_error() => Assert.Throws<UsageException>(() => CityscapesLayout.List(_root.Path, "training"));
}
