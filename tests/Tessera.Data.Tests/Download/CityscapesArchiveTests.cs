using System.IO.Compression;
using Tessera.Core;

namespace Tessera.Data.Tests;

public sealed class CityscapesArchiveTests
{
    [Fact]
    public void Two_packages_unpack_into_one_layout()
    {
        using var folder = new TempFolder();
        byte[] image = RawPng.Write(2, 4, 8, 2, new byte[24]);
        byte[] label = RawPng.Write(2, 4, 8, 0, new byte[8]);
        string images = Zip(folder, "i.zip", ("leftImg8bit/", []), ("leftImg8bit/val/ulm/ulm_0_leftImg8bit.png", image), ("license.txt", [1]));
        string labels = Zip(folder, "l.zip", ("gtFine/val/ulm/ulm_0_gtFine_labelIds.png", label), ("license.txt", [2]));
        string root = folder.Combine("cityscapes");
        var progress = new Reports();
        Assert.Equal(2, CityscapesArchive.Unpack(images, root, progress));
        Assert.Equal(2, CityscapesArchive.Unpack(labels, root));
        Assert.Equal([new UnpackProgress(1, 2), new UnpackProgress(2, 2)], progress);
        Assert.Equal([2], File.ReadAllBytes(Path.Combine(root, "license.txt")));
        Assert.Equal(3, Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Count());
        ImageLabelPair pair = Assert.Single(CityscapesLayout.List(root, "val"));
        Assert.Equal(image, File.ReadAllBytes(pair.ImagePath));
    }

    [Theory]
    [InlineData("../evil.txt")]
    [InlineData("gtFine/../../evil.txt")]
    [InlineData("/tmp/evil.txt")]
    [InlineData("gtFine\\..\\..\\evil.txt")]
    [InlineData("C:/evil.txt")]
    [InlineData("gtFine//evil.txt")]
    [InlineData("gtFine/evil\u001b.txt")]
    public void A_name_that_leads_out_of_the_folder_stops_before_the_first_file(string name)
    {
        using var folder = new TempFolder();
        string archive = Zip(folder, "a.zip", ("gtFine/good.txt", [1]), (name, [2]));
        var fault = Assert.Throws<BadFileException>(() => CityscapesArchive.Unpack(archive, folder.Combine("root")));
        Assert.Contains("which leads out of the folder", fault.Message);
        Assert.DoesNotContain('\u001b', fault.Message);
        Assert.False(File.Exists(folder.Combine("root", "gtFine", "good.txt")));
    }

    [Fact]
    public void A_truncated_archive_is_one_clear_error()
    {
        using var folder = new TempFolder();
        string archive = Zip(folder, "a.zip", ("gtFine/good.txt", new byte[1000]));
        File.WriteAllBytes(archive, File.ReadAllBytes(archive)[..^30]);
        var fault = Assert.Throws<BadFileException>(() => CityscapesArchive.Unpack(archive, folder.Combine("root")));
        Assert.StartsWith($"{archive} is damaged: ", fault.Message);
    }

    [Fact]
    public void A_missing_archive_is_one_clear_error()
    {
        using var folder = new TempFolder();
        var fault = Assert.Throws<BadFileException>(() => CityscapesArchive.Unpack(folder.Combine("no.zip"), folder.Combine("root")));
        Assert.StartsWith($"Cannot unpack {folder.Combine("no.zip")}", fault.Message);
    }

    [Fact]
    public void Cancelling_leaves_whole_files_only()
    {
        using var folder = new TempFolder();
        string archive = Zip(folder, "a.zip", ("a.txt", new byte[1000]), ("b.txt", new byte[1000]));
        using var cancel = new CancellationTokenSource();
        var progress = new Reports { Then = cancel.Cancel };
        Assert.Throws<OperationCanceledException>(() => CityscapesArchive.Unpack(archive, folder.Combine("root"), progress, cancel.Token));
        string file = Assert.Single(Directory.EnumerateFiles(folder.Combine("root")));
        Assert.Equal(1000, new FileInfo(file).Length);
    }

    private static string Zip(TempFolder folder, string name, params (string Name, byte[] Content)[] files)
    {
        string path = folder.Combine(name);
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string file, byte[] content) in files)
        {
            using Stream entry = zip.CreateEntry(file).Open();
            entry.Write(content);
        }

        return path;
    }

    private sealed class Reports : List<UnpackProgress>, IProgress<UnpackProgress>
    {
        public Action Then { get; init; } = () => { };

        public void Report(UnpackProgress value)
        {
            Add(value);
            Then();
        }
    }
}
