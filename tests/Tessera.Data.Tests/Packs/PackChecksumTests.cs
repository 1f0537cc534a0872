using System.Buffers;
using MessagePack;
using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Packs;

/// <summary>What was not packed is not trained: every record and the metadata carry a checksum.</summary>
public sealed class PackChecksumTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Pack => _folder.Combine("train_lmdb");

    private string DataFile => Path.Combine(Pack, "data.mdb");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_changed_label_that_still_means_something_is_refused_and_the_record_named()
    {
        Make.Pack(Pack, 3);
        ChangeLastLabelOfRecord(1);
        using SegmentationDataset dataset = SegmentationDataset.Open(Pack);
        Assert.Equal("sample0", dataset.Read(0).Name);
        BadFileException fault = Assert.Throws<BadFileException>(() => dataset.Read(1));
        Assert.Contains($"record 1 (sample1) of {Pack} is not what was packed", fault.Message);
        Assert.Contains("pack the data again", fault.Message);
        Assert.Equal("sample2", dataset.Read(2).Name);
    }

    [Fact]
    public void The_loader_refuses_it_too_and_the_check_names_it()
    {
        Make.Pack(Pack, 3);
        ChangeLastLabelOfRecord(2);
        using (SegmentationDataset dataset = SegmentationDataset.Open(Pack))
        {
            var loader = new BatchLoader(dataset, new LoaderOptions { BatchSize = 1, Workers = 1, Height = 64, Width = 64 });
            Assert.Contains("record 2 (sample2)", Assert.Throws<BadFileException>(() => loader.Epoch(0).Count()).Message);
        }

        Finding found = DatasetCheck.Packs([Pack]).Findings.Single(finding => finding.Code == "record-changed");
        Assert.Equal((FindingSeverity.Error, 1), (found.Severity, found.Count));
        Assert.Contains("record 2 (sample2)", found.Files[0]);
    }

    [Fact]
    public void Every_flipped_bit_of_the_metadata_is_noticed()
    {
        Make.Pack(Pack, 2);
        byte[] metadata = Metadata();
        Assert.NotNull(PackMetadata.Deserialize(metadata, Pack).Manifest);
        for (int bit = 0; bit < 8 * metadata.Length; bit++)
        {
            metadata[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<BadFileException>(() => PackMetadata.Deserialize(metadata, Pack));
            metadata[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_pack_of_format_2_has_no_checksums_and_is_read()
    {
        Make.Pack(Pack, 2);
        PackMetadata older = PackMetadata.Deserialize(OfFormat2(Metadata()), Pack);
        Assert.Empty(older.Manifest!.RecordChecksums);
        Assert.Null(older.Manifest.RecordFault(0, [1, 2, 3]));
        Assert.Equal(["sample0", "sample1"], older.Names);
    }

    [Fact]
    public void The_identity_of_a_data_set_is_that_of_its_records_and_their_meaning()
    {
        Make.Pack(Pack, 2);
        string other = Make.Pack(_folder.Combine("other"), 3), again = Make.Pack(_folder.Combine("again"), 2);
        Assert.Equal(Identity(Pack), Identity(again));
        Assert.NotEqual(Identity(Pack), Identity(other));

        static string Identity(string pack)
        {
            using SegmentationDataset dataset = SegmentationDataset.Open(pack);
            return dataset.Identity;
        }
    }

    private void ChangeLastLabelOfRecord(int index)
    {
        byte[] record;
        using (LmdbStore store = LmdbStore.Open(Pack))
        {
            record = store.GetRecord(index);
        }

        byte[] bytes = File.ReadAllBytes(DataFile);
        int at = bytes.AsSpan().IndexOf(record) + record.Length - 1;
        bytes[at] = bytes[at] == 7 ? (byte)8 : (byte)7;
        File.WriteAllBytes(DataFile, bytes);
    }

    private byte[] Metadata()
    {
        using LmdbStore store = LmdbStore.Open(Pack);
        return store.Metadata!.Serialize();
    }

    private static byte[] OfFormat2(byte[] metadata)
    {
        var reader = new MessagePackReader(metadata);
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        int entries = reader.ReadMapHeader();
        writer.WriteMapHeader(entries - 2);
        for (; entries > 0; entries--)
        {
            string key = reader.ReadString()!;
            ReadOnlySequence<byte> value = reader.ReadRaw();
            if (key is "record_crc32c" or "crc32c")
            {
                continue;
            }

            writer.Write(key);
            if (key == "format")
            {
                writer.Write(2);
            }
            else
            {
                writer.WriteRaw(value);
            }
        }

        writer.Flush();
        return output.WrittenSpan.ToArray();
    }
}
