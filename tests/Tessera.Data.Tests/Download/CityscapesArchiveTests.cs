using System.IO.Compression;
using Tessera.Core;
using Tessera.TestKit;

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
    public void Cancelling_leaves_nothing_of_the_archive_and_all_that_was_there()
    {
        using var folder = new TempFolder();
        string archive = Zip(folder, "a.zip", ("gtFine/a.txt", new byte[1000]), ("license.txt", new byte[1000]));
        string root = WithOldLicense(folder);
        using var cancel = new CancellationTokenSource();
        var progress = new Reports { Then = cancel.Cancel };
        Assert.Throws<OperationCanceledException>(() => CityscapesArchive.Unpack(archive, root, progress, cancel.Token));
        Assert.Equal([Path.Combine(root, "license.txt")], Directory.GetFileSystemEntries(root));
        Assert.Equal("old", File.ReadAllText(Path.Combine(root, "license.txt")));
        Assert.Equal(2, CityscapesArchive.Unpack(archive, root));
        Assert.Equal(1000, new FileInfo(Path.Combine(root, "license.txt")).Length);
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void A_flipped_bit_is_found_by_the_checksum_and_nothing_is_unpacked(CompressionLevel level)
    {
        using var folder = new TempFolder();
        var content = new byte[5000];
        new Random(3).NextBytes(content);
        string archive = Zip(folder, "a.zip", level, ("good.txt", [1]), ("gtFine/bad.png", content));
        byte[] bytes = File.ReadAllBytes(archive);
        bytes[bytes.AsSpan().IndexOf("gtFine/bad.png"u8) + 3000] ^= 4;
        File.WriteAllBytes(archive, bytes);
        string root = WithOldLicense(folder);
        var fault = Assert.Throws<BadFileException>(() => CityscapesArchive.Unpack(archive, root));
        Assert.Matches($@"^{archive} is damaged: gtFine/bad\.png has the checksum \(CRC-32\) [0-9a-f]{{8}} where the archive states [0-9a-f]{{8}}\. Nothing was unpacked\. Remove it and download it again\.$", fault.Message);
        Assert.Equal([Path.Combine(root, "license.txt")], Directory.GetFileSystemEntries(root));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public void A_file_of_another_length_than_stated_is_refused(int stated)
    {
        using var folder = new TempFolder();
        string archive = Zip(folder, "a.zip", ("gtFine/a.txt", new byte[500]));
        StateLength(archive, "gtFine/a.txt", stated);
        Assert.StartsWith($"{archive} is damaged: ", Assert.Throws<BadFileException>(() => CityscapesArchive.Unpack(archive, folder.Combine("root"))).Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Combine("root")));
    }

    [Fact]
    public void Sizes_that_no_package_has_are_refused_before_anything_is_written()
    {
        using var folder = new TempFolder();
        string archive = Zip(folder, "a.zip", ("a.txt", new byte[500]), ("b.txt", new byte[500]));
        StateLength(archive, "a.txt", 0x3FFFFFFF);
        StateLength(archive, "b.txt", 0x3FFFFFFF);
        Assert.Contains("states to hold 2147483646, more than 100 times as many", Refused(folder, archive));
        StateLength(archive, "b.txt", 0x40000001);
        Assert.Contains("\"b.txt\", which is stated to have 1073741825 bytes", Refused(folder, archive));
    }

    [Theory]
    [InlineData("gtFine/a.txt", "gtFine/a.txt")]
    [InlineData("gtFine/a.txt", "gtFine/A.TXT")]
    [InlineData("gtFine/a.txt", "GTFINE/a.txt")]
    [InlineData("gtFine", "gtFine/a.txt")]
    [InlineData("gtFine/a.txt", "gtFine")]
    public void Two_entries_for_one_place_are_refused(string first, string second)
    {
        using var folder = new TempFolder();
        Assert.Contains("stands there twice", Refused(folder, Zip(folder, "a.zip", (first, [1]), (second, [2]))));
    }

    [Theory]
    [InlineData("gtFine/link", 0xA1FF)]
    [InlineData("gtFine/pipe", 0x11FF)]
    [InlineData("gtFine/folder", 0x41FF)]
    [InlineData("gtFine/file/", 0x81FF)]
    public void An_entry_that_is_a_link_or_no_file_is_refused(string name, int mode)
    {
        using var folder = new TempFolder();
        string archive = Zip(folder, "a.zip", ("gtFine/good.txt", [1]), (name, "/etc/passwd"u8.ToArray()));
        using (ZipArchive zip = ZipFile.Open(archive, ZipArchiveMode.Update))
        {
            zip.GetEntry(name)!.ExternalAttributes = mode << 16;
        }

        Assert.Contains($"\"{name}\", which is a link or something else", Refused(folder, archive));
    }

    [Fact]
    public void An_archive_of_ordinary_modes_with_folders_is_unpacked()
    {
        using var folder = new TempFolder();
        string archive = Zip(folder, "a.zip", ("gtFine/", []), ("gtFine/a.txt", [1]));
        using (ZipArchive zip = ZipFile.Open(archive, ZipArchiveMode.Update))
        {
            (zip.GetEntry("gtFine/")!.ExternalAttributes, zip.GetEntry("gtFine/a.txt")!.ExternalAttributes) = (0x41ED << 16, 0x81A4 << 16);
        }

        Assert.Equal(1, CityscapesArchive.Unpack(archive, folder.Combine("root")));
    }

    [Fact]
    public void An_empty_archive_is_refused()
    {
        using var folder = new TempFolder();
        Assert.Contains("holds 0 files", Refused(folder, Zip(folder, "a.zip", ("gtFine/", []))));
    }

    [Fact]
    public void A_file_where_the_archive_has_a_folder_is_named_and_kept()
    {
        using var folder = new TempFolder();
        string archive = Zip(folder, "a.zip", ("a.txt", [1]), ("gtFine/a.txt", [1])), root = Directory.CreateDirectory(folder.Combine("root")).FullName;
        File.WriteAllText(Path.Combine(root, "gtFine"), "mine");
        var fault = Assert.Throws<BadFileException>(() => CityscapesArchive.Unpack(archive, root));
        Assert.StartsWith($"{Path.Combine(root, "gtFine")} is a file, and the archive has a folder of that name.", fault.Message);
        Assert.Equal([Path.Combine(root, "gtFine")], Directory.GetFileSystemEntries(root));
    }

    [Fact]
    public void A_disk_that_is_too_small_is_told_before_anything_is_written()
    {
        using var folder = new TempFolder();
        string archive = Zip(folder, "a.zip", ("a.txt", new byte[500]));
        var fault = Assert.Throws<BadFileException>(() => CityscapesArchive.Unpack(archive, folder.Combine("root"), null, _ => 499, default));
        Assert.Equal($"{folder.Combine("root")} has 499 bytes free, and {archive} needs 500 unpacked. Free some space or choose another folder; nothing was unpacked.", fault.Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Combine("root")));
    }

    private static string Refused(TempFolder folder, string archive)
    {
        string message = Assert.Throws<BadFileException>(() => CityscapesArchive.Unpack(archive, folder.Combine("root"))).Message;
        Assert.Contains("Nothing was unpacked", message);
        Assert.False(Directory.Exists(folder.Combine("root")));
        return message;
    }

    private static string WithOldLicense(TempFolder folder)
    {
        string root = Directory.CreateDirectory(folder.Combine("root")).FullName;
        File.WriteAllText(Path.Combine(root, "license.txt"), "old");
        return root;
    }

    /// <summary>Changes the length that the central directory states for a file (APPNOTE.TXT 4.3.12: 22 bytes before the name).</summary>
    private static void StateLength(string archive, string name, int length)
    {
        byte[] bytes = File.ReadAllBytes(archive);
        int at = bytes.AsSpan().LastIndexOf(System.Text.Encoding.UTF8.GetBytes(name));
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at - 22), length);
        File.WriteAllBytes(archive, bytes);
    }

    private static string Zip(TempFolder folder, string name, params (string Name, byte[] Content)[] files) => Zip(folder, name, CompressionLevel.Optimal, files);

    private static string Zip(TempFolder folder, string name, CompressionLevel level, params (string Name, byte[] Content)[] files)
    {
        string path = folder.Combine(name);
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string file, byte[] content) in files)
        {
            using Stream entry = zip.CreateEntry(file, level).Open();
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
