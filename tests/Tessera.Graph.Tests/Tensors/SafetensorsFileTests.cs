using System.Buffers.Binary;
using System.Text;
using Tessera.Core;
using Tessera.Graphs;

namespace Tessera.Graph.Tests;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-safetensors-").FullName;

    private string FilePath => Path.Combine(_folder, "x.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static SafetensorsFile Sample() => new(
    [
        SafetensorsTensor.FromFloats("a.weight", [2, 3], [1f, -0f, float.NaN, float.Epsilon, float.MaxValue, float.NegativeInfinity]),
        SafetensorsTensor.FromFloats("scalar", [], [7.5f]),
        SafetensorsTensor.FromFloats("empty", [0, 4], []),
        new SafetensorsTensor("bytes", "I8", [3], [0, 127, 255]),
    ], new Dictionary<string, string> { ["stage"] = "qat", ["name"] = "größe \"1\"" });

    [Fact]
    public void Tensors_and_metadata_come_back_exactly()
    {
        Sample().Write(FilePath);
        SafetensorsFile read = SafetensorsFile.Read(FilePath);
        Assert.Equal(Sample().Tensors.Select(tensor => tensor.Name), read.Tensors.Select(tensor => tensor.Name));
        foreach (SafetensorsTensor tensor in Sample().Tensors)
        {
            Assert.True(read.TryGet(tensor.Name, out SafetensorsTensor? back));
            Assert.Equal(tensor.ElementType, back.ElementType);
            Assert.Equal(tensor.Shape.AsEnumerable(), back.Shape);
            Assert.Equal(tensor.Data, back.Data);
        }

        Assert.Equal(Sample().Metadata.OrderBy(item => item.Key), read.Metadata.OrderBy(item => item.Key));
        Assert.False(read.TryGet("b", out _));
        byte[] first = File.ReadAllBytes(FilePath);
        read.Write(FilePath);
        Assert.Equal(first, File.ReadAllBytes(FilePath));
        Assert.Equal(0u, BinaryPrimitives.ReadUInt64LittleEndian(first) % 8);
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        Sample().Write(FilePath);
        byte[] whole = File.ReadAllBytes(FilePath);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            BadFileException fault = Assert.Throws<BadFileException>(() => SafetensorsFile.Read(FilePath));
            Assert.Contains(FilePath, fault.Message);
        }
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        Sample().Write(FilePath);
        Assert.True(SafetensorsFile.Read(FilePath).HasChecksum);
        byte[] bytes = File.ReadAllBytes(FilePath);
        int unverified = 0;
        for (int bit = 0; bit < 8 * bytes.Length; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(FilePath, bytes);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                // Where the checksum's own name is hit there is none; who needs one refuses the file then.
                Assert.False(SafetensorsFile.Read(FilePath).HasChecksum);
                unverified++;
            }
            catch (BadFileException fault)
            {
                Assert.Contains(FilePath, fault.Message);
            }
        }

        Assert.InRange(unverified, 1, 8 * "tessera.sha256".Length);
    }

    [Fact]
    public void A_file_without_a_checksum_is_read_and_says_so()
    {
        WriteRaw("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8);
        SafetensorsFile read = SafetensorsFile.Read(FilePath);
        Assert.False(read.HasChecksum);
        Assert.True(read.TryGet("a", out _));
    }

    [Fact]
    public void A_checksum_of_other_content_is_refused_with_what_to_do()
    {
        Sample().Write(FilePath);
        byte[] bytes = File.ReadAllBytes(FilePath);
        bytes[^1] ^= 1;
        File.WriteAllBytes(FilePath, bytes);
        string message = Assert.Throws<BadFileException>(() => SafetensorsFile.Read(FilePath)).Message;
        Assert.Contains("was changed after it was written", message);
        Assert.Contains("Take another copy", message);
    }

    [Fact]
    public void A_header_with_depth_without_end_or_tensors_larger_than_the_file_takes_no_memory()
    {
        WriteRaw(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)), 8);
        Assert.Throws<BadFileException>(() => SafetensorsFile.Read(FilePath));
        long before = GC.GetAllocatedBytesForCurrentThread();
        WriteRaw("{\"a\":{\"dtype\":\"U8\",\"shape\":[1000000000],\"data_offsets\":[0,1000000000]}}", 8);
        Assert.Throws<BadFileException>(() => SafetensorsFile.Read(FilePath));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("not json")]
    [InlineData("{\"a\":7}")]
    [InlineData("{\"a\":{}}")]
    [InlineData("{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":{}}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[6,10]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,1e30]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1,-1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")] // a hole at the end
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}")] // a hole at the beginning
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}")] // an overlap
    [InlineData("{\"a\":{\"dtype\":\"F99\",\"shape\":[0],\"data_offsets\":[0,0]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,8]}}")]
    [InlineData("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}")]
    [InlineData("{\"__metadata__\":{\"tessera.sha256\" : \"\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}")]
    [InlineData("{\"__metadata__\":7}")]
    [InlineData("{\"__metadata__\":{\"a\":7}}")]
    public void A_foreign_header_is_refused(string json)
    {
        WriteRaw(json, 8);
        BadFileException fault = Assert.Throws<BadFileException>(() => SafetensorsFile.Read(FilePath));
        Assert.Contains("is not a whole checkpoint", fault.Message);
    }

    [Fact]
    public void A_header_longer_than_the_file_or_the_limit_is_refused()
    {
        foreach (ulong length in (ulong[])[9, 100_000_001, ulong.MaxValue, 1UL << 63])
        {
            var bytes = new byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
            File.WriteAllBytes(FilePath, bytes);
            Assert.Throws<BadFileException>(() => SafetensorsFile.Read(FilePath));
        }
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains(FilePath, Assert.Throws<BadFileException>(() => SafetensorsFile.Read(FilePath)).Message);

    [Fact]
    public void A_container_holds_no_two_tensors_of_one_name_and_no_data_that_does_not_fit()
    {
        SafetensorsTensor tensor = SafetensorsTensor.FromFloats("a", [1], [1f]);
        Assert.Throws<ArgumentException>(() => new SafetensorsFile([tensor, tensor]));
        Assert.Throws<ArgumentException>(() => new SafetensorsFile([tensor with { Shape = [2] }]));
    }

    [Fact]
    public void Floats_are_not_taken_from_another_element_type() =>
        Assert.Contains("has element type I8", Assert.Throws<BadFileException>(() => new SafetensorsTensor("a", "I8", [1], [1]).ToFloats("f")).Message);

    private void WriteRaw(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes, 8);
        File.WriteAllBytes(FilePath, bytes);
    }
}
