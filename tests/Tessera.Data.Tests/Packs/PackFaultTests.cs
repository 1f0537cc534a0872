using Tessera.Core;
using Tessera.Core.Tests.Files;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Packs;

/// <summary>Packs on a disk whose calls fail one after the other.</summary>
public sealed class PackFaultTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whichever_call_fails_the_older_pack_is_whole_and_nothing_is_left_beside_it(bool canExchange)
    {
        var failed = new HashSet<string>();
        for (int call = 0; ; call++)
        {
            string parent = _folder.Combine($"older{call}"), path = Make.Pack(Path.Combine(parent, "p"), 1);
            byte[] older = File.ReadAllBytes(Path.Combine(path, "data.mdb"));
            var disk = new FaultyDisk(call, canExchange);
            Exception? fault = Record.Exception(() => WritePack(path, disk));
            Assert.Equal([path], Directory.GetFileSystemEntries(parent));
            Assert.Equal(new[] { "data.mdb", "lock.mdb" }, Directory.GetFileSystemEntries(path).Select(Path.GetFileName).Order());
            if (disk.Failed is null)
            {
                Assert.Null(fault);
                using LmdbStore store = LmdbStore.Open(path);
                Assert.Equal(3, store.Count);
                break;
            }

            failed.Add(disk.Failed);
            string message = Assert.IsType<BadFileException>(fault).Message;
            Assert.Contains(path, message);
            Assert.DoesNotContain(".tmp", message);
            if (message.Contains("was replaced", StringComparison.Ordinal))
            {
                Assert.False(canExchange);
                using LmdbStore store = LmdbStore.Open(path);
                Assert.Equal(3, store.Count);
            }
            else
            {
                Assert.Equal(older, File.ReadAllBytes(Path.Combine(path, "data.mdb")));
            }
        }

        Assert.Equal(new[] { "Close", "Create", "Flush", "FlushFolder", canExchange ? "TryExchange" : "Rename", "Write" }, failed.Order());
    }

    [Fact]
    public void Whichever_call_fails_there_is_no_pack_where_there_was_none()
    {
        for (int call = 0; ; call++)
        {
            string parent = _folder.Combine($"new{call}"), path = Path.Combine(parent, "p");
            var disk = new FaultyDisk(call, canExchange: true);
            Exception? fault = Record.Exception(() => WritePack(path, disk));
            if (disk.Failed is null)
            {
                Assert.Null(fault);
                break;
            }

            Assert.Contains(path, Assert.IsType<BadFileException>(fault).Message);
            Assert.Empty(Directory.Exists(parent) ? Directory.GetFileSystemEntries(parent) : []);
        }
    }

    [UnixFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void An_older_pack_is_replaced_where_a_link_leads_to_and_keeps_its_rights()
    {
        string real = Make.Pack(_folder.Combine("disk2", "p"), 1), link = _folder.Combine("p");
        Directory.CreateSymbolicLink(link, real);
        File.SetUnixFileMode(Path.Combine(real, "data.mdb"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        WritePack(link, DiskCalls.Real);
        Assert.Equal(real, new DirectoryInfo(link).LinkTarget);
        using LmdbStore store = LmdbStore.Open(real);
        Assert.Equal(3, store.Count);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(real, "data.mdb")));
        Assert.Equal([real], Directory.GetFileSystemEntries(_folder.Combine("disk2")));
    }

    [Fact]
    public void A_pack_with_a_name_of_the_greatest_length_is_written()
    {
        string path = _folder.Combine(new string('p', 255));
        WritePack(path, DiskCalls.Real);
        WritePack(path, DiskCalls.Real);
        using LmdbStore store = LmdbStore.Open(path);
        Assert.Equal(3, store.Count);
    }

    [Fact]
    public void A_file_in_the_way_is_kept_and_named()
    {
        string path = _folder.Combine("p");
        File.WriteAllText(path, "mine");
        Assert.Contains("is a file", Assert.Throws<BadFileException>(() => WritePack(path, DiskCalls.Real)).Message);
        Assert.Equal("mine", File.ReadAllText(path));
    }

    [Fact]
    public void A_left_over_that_cannot_be_looked_into_is_left_with_a_word()
    {
        // As another user's: its lock can be neither taken nor seen to be held.
        string foreign = LeftOvers.NewPath(_folder.Path), elsewhere = _folder.Combine("elsewhere");
        Directory.CreateDirectory(foreign);
        File.WriteAllText(elsewhere, "");
        File.CreateSymbolicLink(Path.Combine(foreign, DeadRuns.LockName), elsewhere);
        using (var writer = new LmdbPackWriter(_folder.Combine("p")))
        {
            Assert.Equal([foreign], writer.LeftBehind);
        }

        Assert.True(Directory.Exists(foreign));
        Assert.False(Directory.Exists(_folder.Combine("p")));
    }

    [Fact]
    public void What_is_not_named_as_a_left_over_stays_whatever_it_holds()
    {
        foreach (string name in new[] { ".p.1234.tmp", ".p.backup.tmp", $"p.{Guid.NewGuid():N}.tmp", $".{Guid.NewGuid():N}.tmp", $".p.{Guid.NewGuid():N}.tmp" })
        {
            Directory.CreateDirectory(_folder.Combine(name));
            File.WriteAllText(_folder.Combine(name, name.StartsWith(".p.", StringComparison.Ordinal) && name.Length > 38 ? "notes" : "lock"), "mine");
        }

        WritePack(_folder.Combine("p"), DiskCalls.Real);
        Assert.Equal(6, Directory.GetDirectories(_folder.Path).Length);
    }

    [Fact]
    public void A_fault_is_told_although_the_clean_up_fails_too()
    {
        using var folder = new UnfinishedFolder(_folder.Combine("streets"), DiskCalls.Real);
        Directory.Delete(Path.GetDirectoryName(folder.Data)!, recursive: true);
        Assert.Contains("streets", Assert.Throws<BadFileException>(folder.Complete).Message);
        folder.Dispose();
    }

    private static void WritePack(string path, DiskCalls disk)
    {
        using var writer = new LmdbPackWriter(path, LabelEncoding.Cityscapes, ImageCodec.Png, null, disk);
        for (int i = 0; i < 3; i++)
        {
            writer.Add(SampleRecord.Encode(Make.Image(40, 60, i), Make.Ids(40, 60, i), "x"), $"new{i}");
        }

        writer.Complete();
    }
}
