using System.Globalization;
using System.Text;
using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Packs;

public sealed class LmdbFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string DataPath => _folder.Combine("data.mdb");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(20000)]
    public void Every_value_comes_back_whatever_its_size_and_the_depth_of_the_tree(int count)
    {
        Write(count);
        using var reader = new LmdbFileReader(DataPath);
        Assert.Equal(count, reader.Keys.Count);
        byte[] buffer = [];
        for (int i = 0; i < count; i++)
        {
            int length = reader.Read(Key(i), ref buffer);
            Assert.Equal(Value(i), buffer.AsSpan(0, length).ToArray());
        }
    }

    [RequiresPythonLmdbFact]
    public void Pythons_lmdb_reads_every_value_and_can_add_to_the_file()
    {
        const int Count = 20000;
        Write(Count);
        File.Create(_folder.Combine("lock.mdb")).Dispose();
        (int exitCode, string output) = PythonLmdb.Run("-c", """
            import lmdb, sys
            env = lmdb.open(sys.argv[1], map_size=2**30)
            with env.begin(write=True) as txn:
                txn.put(b"added later", b"x" * 10000)
            with env.begin() as txn:
                assert txn.get(b"added later") == b"x" * 10000
                count = 0
                for key, value in txn.cursor():
                    if key == b"added later":
                        continue
                    i = int(key)
                    assert txn.get(key) == value
                    assert value == bytes([i % 251]) * (i % 41 if i % 7 else i % 9000), i
                    count += 1
            print(count, env.stat()["depth"])
            """, _folder.Path);
        Assert.Equal(0, exitCode);
        Assert.Equal($"{Count} 3", output.Trim());
    }

    [RequiresPythonLmdbFact]
    public void A_file_that_Pythons_lmdb_wrote_over_many_transactions_is_read()
    {
        (int exitCode, string output) = PythonLmdb.Run("-c", """
            import lmdb, sys
            env = lmdb.open(sys.argv[1], map_size=2**40, map_async=True, meminit=False)
            for i in range(3000):
                with env.begin(write=True) as txn:
                    txn.put(str(i).encode(), bytes([i % 251]) * (i % 41 if i % 7 else i % 9000))
            with env.begin(write=True) as txn:
                txn.delete(b"17")
            """, _folder.Path);
        Assert.True(exitCode == 0, output);
        using var reader = new LmdbFileReader(DataPath);
        Assert.Equal(2999, reader.Keys.Count);
        Assert.False(reader.Contains("17"));
        byte[] buffer = [];
        foreach (string key in reader.Keys)
        {
            int length = reader.Read(key, ref buffer);
            Assert.Equal(Value(int.Parse(key, CultureInfo.InvariantCulture)), buffer.AsSpan(0, length).ToArray());
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.001)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void A_truncated_file_is_an_error_that_names_it(double kept)
    {
        Write(100);
        using (FileStream file = File.OpenWrite(DataPath))
        {
            file.SetLength((long)(file.Length * kept));
        }

        Assert.Contains(DataPath, Assert.Throws<BadFileException>(() => new LmdbFileReader(DataPath)).Message);
    }

    [Fact]
    public void A_file_that_is_cut_while_it_is_open_is_an_error()
    {
        Write(100);
        using var reader = new LmdbFileReader(DataPath);
        using (FileStream file = new(DataPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(8192);
        }

        byte[] buffer = [];
        Assert.Contains(DataPath, Assert.Throws<BadFileException>(() => reader.Read(Key(7), ref buffer)).Message);
    }

    [Fact]
    public void A_missing_file_and_a_file_of_another_kind_are_errors_that_name_it()
    {
        Assert.Contains(DataPath, Assert.Throws<BadFileException>(() => new LmdbFileReader(DataPath)).Message);
        File.WriteAllBytes(DataPath, new byte[100_000]);
        Assert.Contains(DataPath, Assert.Throws<BadFileException>(() => new LmdbFileReader(DataPath)).Message);
    }

    [Fact]
    public void A_file_of_lmdb_1_0_is_an_error_that_says_so()
    {
        // LMDB 1.0.1 puts its magic number at byte 24 and calls its form 3.
        var file = new byte[8192];
        new byte[] { 0xDE, 0xC0, 0xEF, 0xBE, 3 }.CopyTo(file, 24);
        File.WriteAllBytes(DataPath, file);
        Assert.Contains("LMDB 1.0", Assert.Throws<BadFileException>(() => new LmdbFileReader(DataPath)).Message);
    }

    [Fact]
    public void Damaged_bytes_anywhere_in_the_tree_never_end_in_another_exception()
    {
        Write(300);
        byte[] good = File.ReadAllBytes(DataPath);
        var random = new Random(3);
        int errors = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] bad = [.. good];

            // The tree and the meta pages, where numbers stand that the reader follows.
            for (int n = 0; n < 8; n++)
            {
                int place = random.Next(2) == 0 ? random.Next(4096, 4096 + 160) : random.Next(bad.Length - (6 * 4096), bad.Length);
                bad[place] = (byte)random.Next(256);
            }

            File.WriteAllBytes(DataPath, bad);
            try
            {
                using var reader = new LmdbFileReader(DataPath);
                byte[] buffer = [];
                foreach (string key in reader.Keys)
                {
                    reader.Read(key, ref buffer);
                }
            }
            catch (BadFileException)
            {
                errors++;
            }
        }

        Assert.InRange(errors, 30, 300);
    }

    [Fact]
    public void A_key_that_is_put_twice_is_refused()
    {
        using var writer = new LmdbFileWriter(DataPath);
        writer.Put("a"u8, "1"u8);
        writer.Put("a"u8, "2"u8);
        Assert.Throws<InvalidOperationException>(writer.Complete);
    }

    private static string Key(int i) => i.ToString(CultureInfo.InvariantCulture);

    private static byte[] Value(int i)
    {
        var value = new byte[i % 7 != 0 ? i % 41 : i % 9000];
        Array.Fill(value, (byte)(i % 251));
        return value;
    }

    private void Write(int count)
    {
        using var writer = new LmdbFileWriter(DataPath);
        for (int i = 0; i < count; i++)
        {
            writer.Put(Encoding.ASCII.GetBytes(Key(i)), Value(i));
        }

        writer.Complete();
    }
}
