using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Tessera.Core;

namespace Tessera.Graphs;

/// <summary>
/// The safetensors container (huggingface/safetensors, format specification in its README): eight bytes of header length,
/// a JSON header with type, shape and offsets of each tensor, then the data. Written files carry the SHA-256 of their whole content in
/// their metadata, under <c>tessera.sha256</c>.
/// </summary>
public sealed class SafetensorsFile
{
    /// <summary>The header's entry that is no tensor.</summary>
    internal const string MetadataKey = "__metadata__";

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

    /// <summary>Free text by key; the checksum is not among it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Whether the file that was read carried a checksum, which then was right; false for a container made in memory.</summary>
    public bool HasChecksum { get; internal init; }

    /// <summary>Finds a tensor.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out SafetensorsTensor? tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>Writes the container atomically: a reader sees the old file or the new one.</summary>
    /// <exception cref="BadFileException">The folder cannot be written, or the disk is full.</exception>
    public void Write(string path) => AtomicFile.Write(path, WriteTo);

    /// <summary>Writes the container's bytes to a stream.</summary>
    public void WriteTo(Stream stream)
    {
        byte[] header = Header();
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        using (IncrementalHash hash = SafetensorsChecksum.Begin(length, header))
        {
            foreach (SafetensorsTensor tensor in Tensors)
            {
                hash.AppendData(tensor.Data);
            }

            SafetensorsChecksum.Digits(hash).CopyTo(SafetensorsChecksum.Find(header));
        }

        stream.Write(length);
        stream.Write(header);
        foreach (SafetensorsTensor tensor in Tensors)
        {
            stream.Write(tensor.Data);
        }
    }

    /// <summary>Reads a container whole and checks its content against the checksum that it carries.</summary>
    /// <exception cref="BadFileException">The file is missing, truncated, changed after it was written, or not a safetensors file.</exception>
    public static SafetensorsFile Read(string path) => SafetensorsReader.Read(path);

    private byte[] Header()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataKey);
            foreach ((string key, string value) in Metadata.Append(KeyValuePair.Create(SafetensorsChecksum.Key, SafetensorsChecksum.Blank)).OrderBy(item => item.Key, StringComparer.Ordinal))
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();

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

    /// <summary>The bytes of a tensor; negative for an unknown type.</summary>
    /// <exception cref="OverflowException">More than fits 64 bits.</exception>
    internal static long ByteCount(string elementType, ImmutableArray<int> shape)
    {
        long size = elementType switch
        {
            "F64" or "I64" or "U64" => 8,
            "F32" or "I32" or "U32" => 4,
            "F16" or "BF16" or "I16" or "U16" => 2,
            "I8" or "U8" or "BOOL" => 1,
            _ => long.MinValue, // no data fits an unknown type
        };
        return size < 0 ? size : shape.Aggregate(size, (product, extent) => checked(product * extent));
    }
}
