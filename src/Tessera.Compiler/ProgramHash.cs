using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>A fingerprint of a program: equal for programs that compute the same in the same order, whatever machine made them.</summary>
public static class ProgramHash
{
    /// <summary>SHA-256 over tensors, instructions, weights and outputs, as 64 lower-case hex digits.</summary>
    public static string Of(IntegerProgram program)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, program.Name);
        Append(hash, program.Tensors.Length, program.Instructions.Length, program.Outputs.Length);
        foreach (IntegerTensor tensor in program.Tensors)
        {
            Append(hash, tensor.Name);
            Append(hash, tensor.Height, tensor.Width, tensor.Channels, BitConverter.SingleToInt32Bits(tensor.Scale));
        }

        foreach (IntegerInstruction instruction in program.Instructions)
        {
            Append(hash, instruction.Name);
            Append(hash, instruction.StoredKind, instruction.Output);
            var fields = new HashedFields(hash);
            instruction.Through(instruction.Name, instruction.Output, ref fields);
        }

        foreach (IntegerOutput output in program.Outputs)
        {
            Append(hash, output.Name);
            Append(hash, output.Tensor);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Append(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Append(IncrementalHash hash, params ReadOnlySpan<int> values)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        foreach (int value in values)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            hash.AppendData(bytes);
        }
    }

    /// <summary>Hashes every field that an instruction enumerates.</summary>
    private sealed class HashedFields(IncrementalHash hash) : IInstructionFields
    {
        public int Tensor(string key, int value) => Number(key, value);

        public int? OptionalTensor(string key, int? value)
        {
            Append(hash, value ?? -1);
            return value;
        }

        public ImmutableArray<int> Tensors(string key, ImmutableArray<int> values) => Numbers(key, values);

        public (ConvAxis Rows, ConvAxis Columns) Window(ConvAxis rows, ConvAxis columns)
        {
            Append(hash, rows.Kernel, rows.Stride, rows.Padding, rows.Dilation, columns.Kernel, columns.Stride, columns.Padding, columns.Dilation);
            return (rows, columns);
        }

        public int Number(string key, int value)
        {
            Append(hash, value);
            return value;
        }

        public Requantization Requantization(string key, Requantization value) => (Requantization)Number(key, (int)value);

        public float Factor(string key, float value)
        {
            Append(hash, BitConverter.SingleToInt32Bits(value));
            return value;
        }

        public ImmutableArray<sbyte> Bytes(string key, ImmutableArray<sbyte> values)
        {
            Append(hash, values.Length);
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }

        public ImmutableArray<int> Numbers(string key, ImmutableArray<int> values)
        {
            Append(hash, values.Length);
            Append(hash, values.AsSpan());
            return values;
        }

        public ImmutableArray<float> Factors(string key, ImmutableArray<float> values)
        {
            Append(hash, values.Length);
            Append(hash, [.. values.Select(BitConverter.SingleToInt32Bits)]);
            return values;
        }
    }
}
