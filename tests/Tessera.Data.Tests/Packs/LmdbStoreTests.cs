using System.Globalization;
using System.Text;
using Tessera.Core;

namespace Tessera.Data.Tests.Packs;

public sealed class LmdbStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Records_come_back_by_index_with_their_names()
    {
        Make.Pack(_folder.Combine("p"), 12);
        using LmdbStore store = LmdbStore.Open(_folder.Combine("p"));
        Assert.Equal(12, store.Count);
        Assert.Equal("sample11", store.Name(11));
        Assert.Equal(PackMetadata.CityscapesLabelIds, store.Metadata!.Encoding);
        Assert.StartsWith("tessera ", store.Metadata.Tool, StringComparison.Ordinal);
        Assert.Equal(SampleRecord.Encode(Make.Image(40, 60, 11), Make.Ids(40, 60, 11), "x"), store.GetRecord(11));
    }

    [Fact]
    public void A_pack_without_metadata_is_read_and_its_names_are_the_indices()
    {
        Write(("0", "a"), ("1", "b"), ("__len__", "2"));
        using LmdbStore store = LmdbStore.Open(_folder.Path);
        Assert.Equal(2, store.Count);
        Assert.Null(store.Metadata);
        Assert.Equal("1", store.Name(1));
        Assert.Equal("b"u8.ToArray(), store.GetRecord(1));
    }

    [Fact]
    public void Without_a_count_the_decimal_keys_are_the_records_by_number()
    {
        Write([.. Enumerable.Range(0, 12).Select(i => (i.ToString(CultureInfo.InvariantCulture), $"v{i}")), ("note", "no record")]);
        using LmdbStore store = LmdbStore.Open(_folder.Path);
        Assert.Equal(12, store.Count);
        Assert.Equal("v2"u8.ToArray(), store.GetRecord(2));
        Assert.Equal("v11"u8.ToArray(), store.GetRecord(11));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("many")]
    [InlineData("-1")]
    [InlineData("0")]
    public void A_count_that_does_not_fit_the_records_is_an_error(string count)
    {
        Write(("0", "a"), ("2", "b"), ("__len__", count));
        Assert.Contains(_folder.Path, Assert.Throws<BadFileException>(() => LmdbStore.Open(_folder.Path)).Message);
    }

    [Fact]
    public void Metadata_of_a_newer_version_are_an_error_that_says_so()
    {
        // {"format": 2}
        using (var writer = new LmdbFileWriter(_folder.Combine("data.mdb")))
        {
            writer.Put("0"u8, "a"u8);
            writer.Put("__tessera__"u8, [0x81, 0xA6, .. "format"u8, 2]);
            writer.Complete();
        }

        Assert.Contains("newer version", Assert.Throws<BadFileException>(() => LmdbStore.Open(_folder.Path)).Message);
    }

    [Fact]
    public void Metadata_that_are_no_messagepack_map_are_an_error()
    {
        Write(("0", "a"), ("__tessera__", "hello"));
        Assert.Contains("metadata", Assert.Throws<BadFileException>(() => LmdbStore.Open(_folder.Path)).Message);
    }

    [Fact]
    public void A_missing_pack_is_an_error_that_names_it() =>
        Assert.Contains(_folder.Combine("none"), Assert.Throws<BadFileException>(() => LmdbStore.Open(_folder.Combine("none"))).Message);

    [Fact]
    public void A_writer_that_is_not_completed_leaves_what_was_there()
    {
        string path = Make.Pack(_folder.Combine("p"), 3);
        byte[] before = File.ReadAllBytes(Path.Combine(path, "data.mdb"));
        using (var writer = new LmdbPackWriter(path))
        {
            writer.Add("x"u8.ToArray(), "x");
        }

        Assert.Equal(before, File.ReadAllBytes(Path.Combine(path, "data.mdb")));
        Assert.Equal([path], Directory.GetDirectories(_folder.Path));
    }

    [Fact]
    public void A_new_pack_replaces_an_older_one_while_a_reader_keeps_the_old()
    {
        string path = Make.Pack(_folder.Combine("p"), 3);
        using LmdbStore old = LmdbStore.Open(path);
        byte[] record = old.GetRecord(2);
        Make.Pack(path, 5, height: 20, width: 20);
        using LmdbStore replaced = LmdbStore.Open(path);
        Assert.Equal(5, replaced.Count);
        Assert.Equal(record, old.GetRecord(2));
        Assert.Equal([path], Directory.GetDirectories(_folder.Path));
    }

    [Fact]
    public void What_a_killed_run_left_is_removed_but_not_what_a_living_run_writes()
    {
        string dead = _folder.Combine($".p.{Guid.NewGuid():N}.tmp");
        Directory.CreateDirectory(dead);
        File.WriteAllText(Path.Combine(dead, "data.mdb"), "half");
        using var living = new LmdbPackWriter(_folder.Combine("p"));
        Assert.False(Directory.Exists(dead));
        string[] folders = Directory.GetDirectories(_folder.Path);
        using var other = new LmdbPackWriter(_folder.Combine("p"));
        Assert.True(Directory.Exists(Assert.Single(folders)));
    }

    private void Write(params (string Key, string Value)[] entries)
    {
        using var writer = new LmdbFileWriter(_folder.Combine("data.mdb"));
        foreach ((string key, string value) in entries)
        {
            writer.Put(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(value));
        }

        writer.Complete();
    }
}
