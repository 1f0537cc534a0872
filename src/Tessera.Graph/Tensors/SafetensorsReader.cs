using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>
/// Reads a safetensors file as untrusted data. The header is checked against the file's length before memory is taken for the tensors, which
/// together then take as much as the file.
/// </summary>
internal sealed class SafetensorsReader
{
    private const int LengthBytes = 8;
    private const int MaxHeaderBytes = 1 << 24; // ours have some 50 KB; a parsed header takes several times its bytes
    private const long MaxFileBytes = 1L << 32;
    private const int MaxDimensions = 16;
    private const string MetadataKey = SafetensorsFile.MetadataKey;

    private readonly string _path;
    private readonly Dictionary<string, string> _metadata = [];
    private readonly List<Entry> _entries = [];

    private SafetensorsReader(string path) => _path = path;

    /// <summary>Reads a container whole.</summary>
    /// <exception cref="BadFileException">The file is missing, truncated, damaged or not a safetensors file.</exception>
    public static SafetensorsFile Read(string path)
    {
        try
        {
            using FileStream stream = InputFile.OpenRead(path);
            if (stream.Length < LengthBytes)
            {
                throw new SafetensorsReader(path).Damaged("its header is cut off");
            }

            return new SafetensorsReader(path).Read(stream);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new BadFileException($"Cannot read {path}: {fault.Message}", fault);
        }
    }

    private SafetensorsFile Read(FileStream stream)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        stream.ReadExactly(length);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (stream.Length > MaxFileBytes || headerLength > MaxHeaderBytes || headerLength > (ulong)(stream.Length - LengthBytes))
        {
            throw Damaged("its header is cut off");
        }

        var header = new byte[headerLength];
        stream.ReadExactly(header);
        byte[] stated = SafetensorsChecksum.Find(header).ToArray();
        ParseHeader(header, stream.Length - LengthBytes - header.Length);
        if (stated.Length == 0 && _metadata.ContainsKey(SafetensorsChecksum.Key))
        {
            throw Damaged($"its {SafetensorsChecksum.Key} cannot be read");
        }

        Encoding.ASCII.GetBytes(SafetensorsChecksum.Blank).AsSpan(0, stated.Length).CopyTo(SafetensorsChecksum.Find(header));
        using IncrementalHash hash = SafetensorsChecksum.Begin(length, header);
        List<SafetensorsTensor> tensors = ReadTensors(stream, hash);
        if (stated.Length > 0 && !SafetensorsChecksum.Digits(hash).AsSpan().SequenceEqual(stated))
        {
            throw new BadFileException($"{_path} was changed after it was written: its content does not have the SHA-256 that its header states. Take another copy, or run the stage that wrote it again.");
        }

        _metadata.Remove(SafetensorsChecksum.Key);
        return new SafetensorsFile(tensors, _metadata) { HasChecksum = stated.Length > 0 };
    }

    private void ParseHeader(ReadOnlyMemory<byte> bytes, long dataLength)
    {
        try
        {
            using JsonDocument header = JsonDocument.Parse(bytes);
            var names = new HashSet<string>();
            foreach (JsonProperty entry in header.RootElement.EnumerateObject())
            {
                if (!names.Add(entry.Name))
                {
                    throw Damaged($"its header names {entry.Name} twice");
                }

                if (entry.Name == MetadataKey)
                {
                    ParseMetadata(entry.Value);
                }
                else
                {
                    _entries.Add(ParseTensor(entry, dataLength));
                }
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or OverflowException)
        {
            throw Damaged("its header is not that of a safetensors file", fault);
        }

        CheckContiguous(dataLength);
    }

    private void ParseMetadata(JsonElement metadata)
    {
        foreach (JsonProperty item in metadata.EnumerateObject())
        {
            if (!_metadata.TryAdd(item.Name, item.Value.GetString() ?? ""))
            {
                throw Damaged($"its metadata name {item.Name} twice");
            }
        }
    }

    private Entry ParseTensor(JsonProperty entry, long dataLength)
    {
        string type = entry.Value.GetProperty("dtype").GetString() ?? "";
        JsonElement sizes = entry.Value.GetProperty("shape"), offsets = entry.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2 || sizes.GetArrayLength() > MaxDimensions)
        {
            throw Damaged($"tensor {entry.Name} does not have two offsets and at most {MaxDimensions} dimensions");
        }

        ImmutableArray<int> shape = [.. sizes.EnumerateArray().Select(size => size.GetInt32())];
        long begin = offsets[0].GetInt64(), end = offsets[1].GetInt64();
        return begin >= 0 && end >= begin && end <= dataLength && end - begin <= Array.MaxLength && shape.All(size => size >= 0) && SafetensorsFile.ByteCount(type, shape) == end - begin
            ? new Entry(entry.Name, type, shape, begin, end)
            : throw Damaged($"tensor {entry.Name} does not lie inside the file");
    }

    /// <summary>The format allows neither holes nor overlaps; so the tensors together take no more memory than the file.</summary>
    private void CheckContiguous(long dataLength)
    {
        _entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        long at = 0;
        foreach (Entry entry in _entries)
        {
            if (entry.Begin != at)
            {
                throw Damaged($"tensor {entry.Name} begins at byte {entry.Begin} of the data where {at} is expected");
            }

            at = entry.End;
        }

        if (at != dataLength)
        {
            throw Damaged($"its tensors end at byte {at} of {dataLength}");
        }
    }

    private List<SafetensorsTensor> ReadTensors(FileStream stream, IncrementalHash hash)
    {
        var tensors = new List<SafetensorsTensor>(_entries.Count);
        foreach (Entry entry in _entries)
        {
            var data = new byte[entry.End - entry.Begin];
            stream.ReadExactly(data);
            hash.AppendData(data);
            tensors.Add(new SafetensorsTensor(entry.Name, entry.Type, entry.Shape, data));
        }

        return tensors;
    }

    private BadFileException Damaged(string problem, Exception? inner = null) =>
        new($"{_path} is not a whole checkpoint: {problem}. It was cut off or is another kind of file; take another copy or write it again.", inner);

    private readonly record struct Entry(string Name, string Type, ImmutableArray<int> Shape, long Begin, long End);
}
