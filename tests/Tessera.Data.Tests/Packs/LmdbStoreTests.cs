using System.Globalization;
using System.Text;
using Tessera.Core;
using Tessera.TestKit;

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
        // {"format": one more}
        using (var writer = new LmdbFileWriter(_folder.Combine("data.mdb")))
        {
            writer.Put("0"u8, "a"u8);
            writer.Put("__tessera__"u8, [0x81, 0xA6, .. "format"u8, PackMetadata.Format + 1]);
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
    public void Metadata_of_the_first_form_are_read_without_a_manifest()
    {
        using (var writer = new LmdbFileWriter(_folder.Combine("data.mdb")))
        {
            writer.Put("0"u8, "a"u8);
            writer.Put("__tessera__"u8, new PackMetadata("tessera 0.1.0", PackMetadata.CityscapesLabelIds, ["one"]).Serialize());
            writer.Complete();
        }

        using LmdbStore store = LmdbStore.Open(_folder.Path);
        Assert.Equal("one", store.Metadata!.Names[0]);
        Assert.Null(store.Metadata.Manifest);
    }

    [Fact]
    public void A_damaged_manifest_is_an_error_wherever_the_damage_is()
    {
        Make.Pack(_folder.Combine("p"), 2);
        byte[] metadata;
        using (LmdbStore store = LmdbStore.Open(_folder.Combine("p")))
        {
            metadata = store.Metadata!.Serialize();
        }

        for (int length = 0; length < metadata.Length; length++)
        {
            Assert.Throws<BadFileException>(() => PackMetadata.Deserialize(metadata.AsMemory(0, length), "x"));
        }

        // A changed byte may still be a map, but nothing else than the one fault comes out.
        for (int at = 0; at < metadata.Length; at++)
        {
            byte[] changed = [.. metadata];
            changed[at] ^= 0xFF;
            Assert.True(Record.Exception(() => PackMetadata.Deserialize(changed, "x")) is null or BadFileException, $"byte {at}");
        }
    }

    [Fact]
    public void A_deleted_pack_is_noticed()
    {
        using LmdbStore store = LmdbStore.Open(Make.Pack(_folder.Combine("p"), 2));
        store.CheckPresent();
        Directory.Delete(_folder.Combine("p"), recursive: true);
        Assert.Contains("deleted", Assert.Throws<BadFileException>(store.CheckPresent).Message);
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
            writer.Add(SampleRecord.Encode(Make.Image(4, 4), Make.Ids(4, 4), "x"), "x");
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
