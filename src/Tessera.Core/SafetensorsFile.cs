using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Tessera.Core;

/// <summary>
/// The safetensors container (huggingface/safetensors, format specification in its README): eight bytes of header length,
/// a JSON header with type, shape and offsets of each tensor, then the data.
/// </summary>
public sealed class SafetensorsFile
{
    private const int MaxHeaderBytes = 100_000_000; // the limit of the reference implementation
    private const string MetadataKey = "__metadata__";

    private readonly Dictionary<string, SafetensorsTensor> _byName;

    /// <summary>Creates a container in memory.</summary>
    /// <exception cref="ArgumentException">Two tensors share a name, or a tensor's data does not fit its shape.</exception>
    public SafetensorsFile(IEnumerable<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        Tensors = [.. tensors];
        Metadata = metadata ?? ImmutableDictionary<string, string>.Empty;
        _byName = [];
        foreach (SafetensorsTensor tensor in Tensors)
        {
            if (ByteCount(tensor.ElementType, tensor.Shape) != tensor.Data.Length)
            {
                throw new ArgumentException($"Tensor {tensor.Name}: {tensor.Data.Length} bytes do not fit {tensor.ElementType} [{string.Join(", ", tensor.Shape)}].", nameof(tensors));
            }

            if (!_byName.TryAdd(tensor.Name, tensor))
            {
                throw new ArgumentException($"Two tensors are named {tensor.Name}.", nameof(tensors));
            }
        }
    }

    /// <summary>The tensors in file order.</summary>
    public ImmutableArray<SafetensorsTensor> Tensors { get; }

    /// <summary>Free text by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Finds a tensor.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out SafetensorsTensor? tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>Writes the container atomically: a reader sees the old file or the new one.</summary>
    /// <exception cref="BadFileException">The folder cannot be written, or the disk is full.</exception>
    public void Write(string path) => AtomicFile.Write(path, WriteTo);

    /// <summary>Writes the container's bytes to a stream.</summary>
    public void WriteTo(Stream stream)
    {
        byte[] header = Header();
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (SafetensorsTensor tensor in Tensors)
        {
            stream.Write(tensor.Data);
        }
    }

    /// <summary>Reads a container whole.</summary>
    /// <exception cref="BadFileException">The file is missing, truncated or not a safetensors file.</exception>
    public static SafetensorsFile Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot read {path}: {fault.Message}", fault);
        }

        if (bytes.Length < 8 || BinaryPrimitives.ReadUInt64LittleEndian(bytes) is var length && (length > MaxHeaderBytes || length > (ulong)(bytes.Length - 8)))
        {
            throw Damaged(path, "its header is cut off");
        }

        int headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        try
        {
            using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, headerLength));
            return Parse(header.RootElement, bytes.AsSpan(8 + headerLength), path);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or OverflowException)
        {
            throw Damaged(path, "its header is not that of a safetensors file", fault);
        }
    }

    private static SafetensorsFile Parse(JsonElement header, ReadOnlySpan<byte> data, string path)
    {
        var entries = new List<(long Begin, long End, string Name, string Type, ImmutableArray<int> Shape)>();
        var metadata = new Dictionary<string, string>();
        var names = new HashSet<string>();
        foreach (JsonProperty entry in header.EnumerateObject())
        {
            if (entry.Name == MetadataKey)
            {
                foreach (JsonProperty item in entry.Value.EnumerateObject())
                {
                    metadata[item.Name] = item.Value.GetString() ?? "";
                }

                continue;
            }

            string type = entry.Value.GetProperty("dtype").GetString() ?? "";
            ImmutableArray<int> shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];
            JsonElement offsets = entry.Value.GetProperty("data_offsets");
            if (offsets.GetArrayLength() != 2)
            {
                throw Damaged(path, $"tensor {entry.Name} does not have two offsets");
            }

            long begin = offsets[0].GetInt64(), end = offsets[1].GetInt64();
            if (begin < 0 || end < begin || end > data.Length || shape.Any(size => size < 0) || ByteCount(type, shape) != end - begin || !names.Add(entry.Name))
            {
                throw Damaged(path, $"tensor {entry.Name} does not lie inside the file");
            }

            entries.Add((begin, end, entry.Name, type, shape));
        }

        // The format allows neither holes nor overlaps; so the tensors together take no more memory than the file.
        long at = 0;
        var tensors = new List<SafetensorsTensor>(entries.Count);
        foreach ((long begin, long end, string name, string type, ImmutableArray<int> shape) in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (begin != at)
            {
                throw Damaged(path, $"tensor {name} begins at byte {begin} of the data where {at} is expected");
            }

            at = end;
            tensors.Add(new SafetensorsTensor(name, type, shape, data[(int)begin..(int)end].ToArray()));
        }

        return at == data.Length
            ? new SafetensorsFile(tensors, metadata)
            : throw Damaged(path, $"its tensors end at byte {at} of {data.Length}");
    }

    private byte[] Header()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (Metadata.Count > 0)
            {
                json.WriteStartObject(MetadataKey);
                foreach ((string key, string value) in Metadata.OrderBy(item => item.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach (SafetensorsTensor tensor in Tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.ElementType);
                json.WriteStartArray("shape");
                foreach (int size in tensor.Shape)
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Data.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Spaces round the header up to eight bytes, so that the data is aligned.
        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static long ByteCount(string elementType, ImmutableArray<int> shape)
    {
        long size = elementType switch
        {
            "F64" or "I64" or "U64" => 8,
            "F32" or "I32" or "U32" => 4,
            "F16" or "BF16" or "I16" or "U16" => 2,
            "I8" or "U8" or "BOOL" => 1,
            _ => -1, // no data fits an unknown type
        };
        return shape.Aggregate(size, (product, extent) => checked(product * extent));
    }

    private static BadFileException Damaged(string path, string problem, Exception? inner = null) =>
        new($"{path} is not a whole checkpoint: {problem}. It was cut off or is another kind of file; take another copy or write it again.", inner);
}
