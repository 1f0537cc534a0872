using System.Buffers.Binary;
using System.Text;
using Tessera.Core;
using Tessera.Core.Tests.Files;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Packs;

/// <summary>Files that were made or changed to mislead: read or refused, in no more time and memory than their size allows.</summary>
public sealed class LmdbHostileFileTests : IDisposable
{
    private const int PageSize = LmdbFormat.PageSize;
    private readonly TempFolder _folder = new();

    private string DataPath => _folder.Combine("data.mdb");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tree_whose_pages_share_their_subtrees_is_refused_at_once()
    {
        // Eleven pages, 45 kB; every branch refers 400 times to the next one: 400^9 paths.
        const int Levels = 9, Children = 400;
        byte[] file = Valid(("0", "a"));
        Array.Resize(ref file, (Levels + 3) * PageSize);
        file.AsSpan(2 * PageSize, PageSize).CopyTo(file.AsSpan((Levels + 2) * PageSize));
        SetNumber(file, Levels + 2);
        for (int level = 0; level < Levels; level++)
        {
            Branch(file, 2 + level, Children, 3 + level);
        }

        PatchMeta(file, root: 2, lastPage: Levels + 2, entries: 1);
        Assert.Contains("in a circle or twice", Refusal(file));
    }

    [Fact]
    public void A_branch_that_refers_to_itself_is_refused()
    {
        byte[] file = Valid(("0", "a"));
        Branch(file, 2, 1, 2);
        Assert.Contains("in a circle or twice", Refusal(file));
    }

    [Fact]
    public void A_tree_deeper_than_LMDBs_own_limit_is_refused()
    {
        const int Levels = 40;
        byte[] file = Valid(("0", "a"));
        Array.Resize(ref file, (Levels + 3) * PageSize);
        file.AsSpan(2 * PageSize, PageSize).CopyTo(file.AsSpan((Levels + 2) * PageSize));
        SetNumber(file, Levels + 2);
        for (int level = 0; level < Levels; level++)
        {
            Branch(file, 2 + level, 1, 3 + level);
        }

        PatchMeta(file, root: 2, lastPage: Levels + 2, entries: 1);
        Refusal(file);
    }

    [Fact]
    public void Values_that_share_their_pages_are_refused()
    {
        byte[] file = Valid([.. Enumerable.Range(0, 40).Select(i => ($"{i:D2}", new string((char)('a' + (i % 26)), 9000)))]);
        int leaf = LeafOf(file);
        for (int i = 1; i < 40; i++)
        {
            // All 40 values of three pages, on the first value's pages, of a file whose other pages are said not to be.
            Node(file, leaf, 0)[10..18].CopyTo(Node(file, leaf, i)[10..]);
        }

        byte[] small = [.. file[..(5 * PageSize)], .. file[(leaf * PageSize)..]];
        SetNumber(small, 5);
        PatchMeta(small, root: 5, lastPage: 5, entries: 40);
        Assert.Contains("more than once", Refusal(small));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(long.MaxValue)]
    public void A_count_of_entries_that_is_not_the_trees_is_refused(long entries)
    {
        byte[] file = Valid(("0", "a"), ("1", "b"));
        PatchMeta(file, root: 2, lastPage: 2, entries);
        Assert.Contains("says that it has", Refusal(file));
    }

    [Fact]
    public void The_length_of_a_value_is_checked_before_memory_is_taken_for_it()
    {
        byte[] file = Valid(("0", new string('a', 9000)));
        BinaryPrimitives.WriteInt32LittleEndian(Node(file, LeafOf(file), 0), 2_000_000_000);
        PatchMeta(file, root: LeafOf(file), lastPage: 1_000_000, entries: 1);
        File.WriteAllBytes(DataPath, file);
        using (FileStream sparse = File.OpenWrite(DataPath))
        {
            sparse.SetLength(1_000_001L * PageSize); // takes no room on the disk
        }

        using var reader = new LmdbFileReader(DataPath);
        byte[] buffer = [];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("2000000000 bytes", Assert.Throws<BadFileException>(() => reader.Read("0", ref buffer)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData(0, "first header page")]
    [InlineData(1, "second header page")]
    public void A_header_page_that_was_written_in_part_is_named(int page, string named)
    {
        byte[] file = Valid(("0", "a"));
        file.AsSpan((page * PageSize) + 8, 60).Clear();
        Assert.Contains(named, Refusal(file));
    }

    [Fact]
    public void The_header_of_the_later_transaction_counts_whichever_page_it_is_on()
    {
        byte[] file = Valid(("0", "a"));
        byte[] first = file[..PageSize], second = file[PageSize..(2 * PageSize)];
        BinaryPrimitives.WriteInt64LittleEndian(second, 0);
        BinaryPrimitives.WriteInt64LittleEndian(first, 1);
        File.WriteAllBytes(DataPath, [.. second, .. first, .. file[(2 * PageSize)..]]);
        using var reader = new LmdbFileReader(DataPath);
        Assert.Equal(["0"], reader.Keys);
    }

    [Theory]
    [InlineData("32-bit", "32-bit machine")]
    [InlineData("big-endian", "big-endian machine")]
    [InlineData("version", "data version 999")]
    [InlineData("page size", "page size 5000")]
    public void A_file_of_another_kind_is_called_what_it_is(string kind, string named)
    {
        byte[] file = Valid(("0", "a"));
        switch (kind)
        {
            case "32-bit":
                file.AsSpan(LmdbFormat.PageHeader, 100).ToArray().CopyTo(file, 12);
                break;
            case "big-endian":
                file.AsSpan(LmdbFormat.MetaMagic, 4).Reverse();
                break;
            case "version":
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(LmdbFormat.MetaVersion), 999);
                break;
            default:
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(LmdbFormat.MetaFreeTree), 5000);
                break;
        }

        Assert.Contains(named, Refusal(file));
    }

    [UnixFact]
    public void A_device_and_a_pipe_are_no_packs_and_nobody_waits_for_them()
    {
        Assert.Contains("is a pipe, a socket or a device", Assert.Throws<BadFileException>(() => LmdbStore.Open("/dev/zero")).Message);
        string pipe = _folder.Combine("pipe");
        using (var process = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            process.WaitForExit();
        }

        Assert.Contains("is a pipe, a socket or a device", Assert.Throws<BadFileException>(() => LmdbStore.Open(pipe)).Message);
    }

    [Fact]
    public void A_folder_without_a_pack_names_the_packs_in_it()
    {
        Assert.Contains("tessera pack", Assert.Throws<BadFileException>(() => LmdbStore.Open(_folder.Path)).Message);
        Make.Pack(_folder.Combine("train_lmdb"), 1);
        Assert.Contains(_folder.Combine("train_lmdb"), Assert.Throws<BadFileException>(() => LmdbStore.Open(_folder.Path)).Message);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void A_changed_pack_is_read_or_refused(int seed)
    {
        Make.Pack(_folder.Combine("pack"), 5, height: 6, width: 7);
        AssertReadOrRefused(File.ReadAllBytes(_folder.Combine("pack", "data.mdb")), seed, 600, path =>
        {
            using SegmentationDataset dataset = SegmentationDataset.Open(path);
            for (int i = 0; i < dataset.Count; i++)
            {
                dataset.Read(i);
            }
        });
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void A_changed_tree_of_several_levels_is_read_or_refused(int seed) =>
        AssertReadOrRefused(Valid([.. Enumerable.Range(0, 400).Select(i => ($"key {i}", new string('v', i % 60 == 0 ? 5000 : i % 40)))]), seed, 600, path =>
        {
            using var reader = new LmdbFileReader(path);
            byte[] buffer = [];
            foreach (string key in reader.Keys)
            {
                reader.Read(key, ref buffer);
            }
        });

    private void AssertReadOrRefused(byte[] good, int seed, int mutants, Action<string> read)
    {
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < mutants; i++)
        {
            File.WriteAllBytes(DataPath, Mutate(good, random));
            try
            {
                read(DataPath);
            }
            catch (TesseraException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, mutants / 10, mutants);
    }

    /// <summary>Changes some numbers, mostly in headers of pages; exchanges two pages; or cuts the end.</summary>
    private static byte[] Mutate(byte[] good, Random random)
    {
        byte[] bad = [.. good];
        int pages = bad.Length / PageSize;
        switch (random.Next(8))
        {
            case 0:
                return bad[..random.Next(bad.Length)];
            case 1:
                bad.AsSpan(random.Next(pages) * PageSize, PageSize).CopyTo(bad.AsSpan(random.Next(pages) * PageSize));
                return bad;
            default:
                ReadOnlySpan<byte> telling = [0, 1, 2, 4, 0x10, 0x7F, 0x80, 0xFF];
                for (int n = random.Next(1, 6); n > 0; n--)
                {
                    int place = (random.Next(pages) * PageSize) + random.Next(random.Next(3) switch { 0 => PageSize, 1 => 160, _ => 64 });
                    bad[place] = random.Next(2) == 0 ? telling[random.Next(telling.Length)] : (byte)random.Next(256);
                }

                return bad;
        }
    }

    private string Refusal(byte[] file)
    {
        File.WriteAllBytes(DataPath, file);
        string message = Assert.Throws<BadFileException>(() => new LmdbFileReader(DataPath)).Message;
        Assert.Contains(DataPath, message);
        return message;
    }

    private byte[] Valid(params (string Key, string Value)[] entries)
    {
        string path = _folder.Combine("valid.mdb");
        using (var writer = new LmdbFileWriter(path))
        {
            foreach ((string key, string value) in entries)
            {
                writer.Put(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(value));
            }

            writer.Complete();
        }

        byte[] file = File.ReadAllBytes(path);
        File.Delete(path);
        return file;
    }

    /// <summary>The only leaf of a file, its last page.</summary>
    private static int LeafOf(byte[] file) => (file.Length / PageSize) - 1;

    private static Span<byte> Node(byte[] file, int page, int index)
    {
        Span<byte> bytes = file.AsSpan(page * PageSize, PageSize);
        return bytes[BinaryPrimitives.ReadUInt16LittleEndian(bytes[(LmdbFormat.PageHeader + (2 * index))..])..];
    }

    private static void SetNumber(byte[] file, int page) => BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(page * PageSize), page);

    /// <summary>A branch page all of whose entries, with empty keys, refer to one child.</summary>
    private static void Branch(byte[] file, int page, int children, int child)
    {
        Span<byte> bytes = file.AsSpan(page * PageSize, PageSize);
        bytes.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, page);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[LmdbFormat.PageFlags..], LmdbFormat.BranchPage);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[LmdbFormat.PageLower..], (ushort)(LmdbFormat.PageHeader + (2 * children)));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[LmdbFormat.PageUpper..], (ushort)(PageSize - (LmdbFormat.NodeHeader * children)));
        for (int i = 0; i < children; i++)
        {
            int node = PageSize - (LmdbFormat.NodeHeader * (i + 1));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[(LmdbFormat.PageHeader + (2 * i))..], (ushort)node);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[node..], child);
        }
    }

    private static void PatchMeta(byte[] file, int root, int lastPage, long entries)
    {
        Span<byte> meta = file.AsSpan(PageSize, PageSize);
        BinaryPrimitives.WriteInt64LittleEndian(meta[(LmdbFormat.MetaMainTree + LmdbFormat.TreeRoot)..], root);
        BinaryPrimitives.WriteInt64LittleEndian(meta[(LmdbFormat.MetaMainTree + LmdbFormat.TreeEntries)..], entries);
        BinaryPrimitives.WriteInt64LittleEndian(meta[LmdbFormat.MetaLastPage..], lastPage);
    }
}
