using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Packs;

/// <summary>Reader and writer against the real library.</summary>
public sealed class LmdbOracleTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string DataPath => _folder.Combine("data.mdb");

    public void Dispose() => _folder.Dispose();

    [RequiresLiblmdbTheory]
    [InlineData(1, 4096, 0u)]
    [InlineData(2, 4096, 0u)]
    [InlineData(3, 4096, RealLmdb.WriteMap)]
    [InlineData(4, 8192, 0u)]
    [InlineData(5, 16384, RealLmdb.WriteMap)]
    [InlineData(6, 32768, 0u)]
    public void Whatever_was_put_and_deleted_in_transactions_is_read_as_it_stands(int seed, int pageSize, uint flags)
    {
        MakeEmpty(pageSize);
        var random = new Random(seed);
        var model = new Dictionary<string, byte[]>();
        using var lmdb = new RealLmdb(_folder.Path, flags);

        // An old reader keeps the library from using pages again.
        RealLmdb.Transaction? oldReader = seed % 2 == 0 ? lmdb.Begin(isReadOnly: true) : null;
        for (int round = 0; round < 24; round++)
        {
            using RealLmdb.Transaction transaction = lmdb.Begin();
            uint database = transaction.Open(null, 0);
            var changed = new Dictionary<string, byte[]>(model);
            Change(transaction, database, changed, random, pageSize);
            if (flags == 0 && random.Next(3) == 0)
            {
                using RealLmdb.Transaction child = lmdb.Begin(transaction);
                var inChild = new Dictionary<string, byte[]>(changed);
                Change(child, database, inChild, random, pageSize);
                if (random.Next(2) == 0)
                {
                    child.Commit();
                    changed = inChild;
                }
            }

            if (random.Next(6) > 0)
            {
                transaction.Commit();
                model = changed;
            }

            AssertReads(DataPath, model);
        }

        oldReader?.Dispose();
        foreach (bool compact in new[] { false, true })
        {
            lmdb.CopyTo(_folder.Combine($"copy{compact}"), compact);
            AssertReads(_folder.Combine($"copy{compact}", "data.mdb"), model);
        }
    }

    [RequiresLiblmdbTheory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 60)]
    [InlineData(4, 3000)]
    public void The_library_reads_what_the_writer_wrote_in_its_own_order_and_goes_on_from_there(int seed, int count)
    {
        var random = new Random(seed);
        var model = new Dictionary<string, byte[]>();
        using (var writer = new LmdbFileWriter(DataPath))
        {
            while (model.Count < count)
            {
                byte[] key = Key(random), value = Value(random, 4096);
                if (model.TryAdd(Encoding.Latin1.GetString(key), value))
                {
                    writer.Put(key, value);
                }
            }

            writer.Complete();
        }

        using var lmdb = new RealLmdb(_folder.Path);
        List<(byte[] Key, byte[] Value)> entries = lmdb.Entries();
        Assert.Equal(model.Keys.Order(StringComparer.Ordinal), entries.Select(entry => Encoding.Latin1.GetString(entry.Key)));
        Assert.All(entries, entry => Assert.Equal(model[Encoding.Latin1.GetString(entry.Key)], entry.Value));
        using (RealLmdb.Transaction transaction = lmdb.Begin())
        {
            Change(transaction, transaction.Open(null, 0), model, random, 4096);
            transaction.Commit();
        }

        AssertReads(DataPath, model);
        lmdb.CopyTo(_folder.Combine("compact"), compact: true);
        AssertReads(_folder.Combine("compact", "data.mdb"), model);
    }

    [RequiresLiblmdbFact]
    public void Pages_that_were_taken_and_freed_in_one_transaction_need_not_be_in_the_file()
    {
        using var lmdb = new RealLmdb(_folder.Path);

        // The library gives pages back at once when it has a list of free ones at hand, which takes it some transactions.
        for (int round = 0; round < 8; round++)
        {
            using RealLmdb.Transaction transaction = lmdb.Begin();
            uint database = transaction.Open(null, 0);
            transaction.Put(database, "0"u8.ToArray(), "kept"u8.ToArray());
            if (round % 2 == 0)
            {
                transaction.Put(database, "x"u8.ToArray(), new byte[20_000]);
            }
            else
            {
                transaction.Delete(database, "x"u8.ToArray());
            }

            for (int i = 0; i < 20 && round > 3; i++)
            {
                transaction.Put(database, [(byte)'a', (byte)i], new byte[10_000 * (round + 1)]);
            }

            for (int i = 0; i < 20 && round > 3; i++)
            {
                transaction.Delete(database, [(byte)'a', (byte)i]);
            }

            transaction.Commit();
        }

        using (var pages = new LmdbPages(DataPath))
        {
            LmdbHeader.Read(pages);
            Assert.True((pages.LastPage + 1) * pages.PageSize > pages.Length, "The library wrote the freed pages; the test shows nothing.");
        }

        AssertReads(DataPath, new() { ["0"] = "kept"u8.ToArray() });
    }

    [RequiresLiblmdbFact]
    public void A_pack_in_a_single_file_is_opened_by_the_files_path()
    {
        string path = _folder.Combine("train.mdb");
        using var lmdb = new RealLmdb(path, RealLmdb.NoSubdir);
        lmdb.Put(null, 0, ("0", "a"), ("1", "b"), ("__len__", "2"));
        using LmdbStore store = LmdbStore.Open(path);
        Assert.Equal((2, path), (store.Count, store.Path));
        Assert.Equal("b"u8.ToArray(), store.GetRecord(1));
        store.CheckPresent();
        File.Move(path, path + ".away");
        Assert.Contains(path, Assert.Throws<BadFileException>(store.CheckPresent).Message);
    }

    [RequiresLiblmdbFact]
    public void The_only_named_database_is_read_where_the_main_one_holds_nothing_else()
    {
        using var lmdb = new RealLmdb(_folder.Path);
        lmdb.Put("train", 0, ("0", "a"), ("1", new string('b', 9000)));
        AssertReads(DataPath, new() { ["0"] = "a"u8.ToArray(), ["1"] = Encoding.ASCII.GetBytes(new string('b', 9000)) });

        lmdb.Put("val", 0, ("0", "c"));
        string message = Refusal();
        Assert.Contains("2 named databases ('train', 'val')", message);
        Assert.Contains("mdb_dump", message);

        lmdb.Put(null, 0, ("0", "main"));
        AssertReads(DataPath, new() { ["0"] = "main"u8.ToArray() });
    }

    [RequiresLiblmdbTheory]
    [InlineData(null)]
    [InlineData("named")]
    public void Repeated_and_reversed_keys_are_read_as_long_as_each_has_one_value_and_integer_keys_are_refused(string? name)
    {
        string repeated = _folder.Combine("repeated"), reversed = _folder.Combine("reversed"), integers = _folder.Combine("integers");
        Array.ForEach([repeated, reversed, integers], folder => Directory.CreateDirectory(folder));
        using var first = new RealLmdb(repeated);
        first.Put(name, RealLmdb.RepeatedKeys, ("0", "a"), ("1", "b"));
        AssertReads(Path.Combine(repeated, "data.mdb"), new() { ["0"] = "a"u8.ToArray(), ["1"] = "b"u8.ToArray() });
        first.Put(name, RealLmdb.RepeatedKeys, ("1", "c"));
        Assert.Contains("The key '1'", Refusal(repeated));
        Assert.Contains("MDB_DUPSORT", Refusal(repeated));
        first.Put(name, RealLmdb.RepeatedKeys, [.. Enumerable.Range(0, 2000).Select(i => ("1", $"value {i}"))]);
        Assert.Contains("MDB_DUPSORT", Refusal(repeated));

        using var second = new RealLmdb(reversed);
        second.Put(name, RealLmdb.ReverseKey, [.. Enumerable.Range(0, 1000).Select(i => ($"{i}", $"value {i}"))]);
        AssertReads(Path.Combine(reversed, "data.mdb"), Enumerable.Range(0, 1000).ToDictionary(i => $"{i}", i => Encoding.ASCII.GetBytes($"value {i}")));

        using var third = new RealLmdb(integers);
        third.Put(name, RealLmdb.IntegerKey, ("\0\0\0\x1", "a"));
        Assert.Contains("MDB_INTEGERKEY", Refusal(integers));
    }

    private string Refusal(string? folder = null) => Assert.Throws<BadFileException>(() => new LmdbFileReader(Path.Combine(folder ?? _folder.Path, "data.mdb"))).Message;

    private static void Change(RealLmdb.Transaction transaction, uint database, Dictionary<string, byte[]> model, Random random, int pageSize)
    {
        for (int left = random.Next(1, 40); left > 0; left--)
        {
            if (model.Count > 0 && random.Next(5) < 2)
            {
                string gone = model.Keys.ElementAt(random.Next(model.Count));
                transaction.Delete(database, Encoding.Latin1.GetBytes(gone));
                model.Remove(gone);
            }
            else
            {
                byte[] key = Key(random), value = Value(random, pageSize);
                transaction.Put(database, key, value);
                model[Encoding.Latin1.GetString(key)] = value;
            }
        }
    }

    /// <summary>Few decimal ones, which meet again, and bytes of every length up to the greatest.</summary>
    private static byte[] Key(Random random)
    {
        if (random.Next(3) == 0)
        {
            return Encoding.ASCII.GetBytes(random.Next(30).ToString(CultureInfo.InvariantCulture));
        }

        var key = new byte[random.Next(4) == 0 ? LmdbFormat.MaxKey : random.Next(1, LmdbFormat.MaxKey)];
        random.NextBytes(key);
        return key;
    }

    /// <summary>Nothing, little, about as much as still fits an index page, several pages.</summary>
    private static byte[] Value(Random random, int pageSize)
    {
        var value = new byte[random.Next(4) switch { 0 => 0, 1 => random.Next(60), 2 => (pageSize / 2) - random.Next(600), _ => random.Next(pageSize * 4) }];
        random.NextBytes(value);
        return value;
    }

    private static void AssertReads(string path, Dictionary<string, byte[]> expected)
    {
        using var reader = new LmdbFileReader(path);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), reader.Keys.Order(StringComparer.Ordinal));
        byte[] buffer = [];
        foreach ((string key, byte[] value) in expected)
        {
            int length = reader.Read(key, ref buffer);
            Assert.True(value.AsSpan().SequenceEqual(buffer.AsSpan(0, length)), key);
        }
    }

    /// <summary>An empty file as a machine with such pages makes it.</summary>
    private void MakeEmpty(int pageSize)
    {
        using (var writer = new LmdbFileWriter(DataPath))
        {
            writer.Complete();
        }

        byte[] small = File.ReadAllBytes(DataPath), file = new byte[2 * pageSize];
        for (int page = 0; page < 2; page++)
        {
            Span<byte> meta = file.AsSpan(page * pageSize, LmdbFormat.MetaLength);
            small.AsSpan(page * LmdbFormat.PageSize, LmdbFormat.MetaLength).CopyTo(meta);
            BinaryPrimitives.WriteInt32LittleEndian(meta[LmdbFormat.MetaFreeTree..], pageSize);
            BinaryPrimitives.WriteInt64LittleEndian(meta[LmdbFormat.MetaMapSize..], 2 * pageSize);
        }

        File.WriteAllBytes(DataPath, file);
    }
}
