using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
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
            Append(hash, (int)InstructionKinds.Of(program, instruction), instruction.Output);
            Append(hash, [.. instruction.Inputs]);
            if (instruction is ConvInstruction conv)
            {
                AppendConvolution(hash, conv);
            }
        }

        foreach (IntegerOutput output in program.Outputs)
        {
            Append(hash, output.Name);
            Append(hash, output.Tensor);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AppendConvolution(IncrementalHash hash, ConvInstruction conv)
    {
        Append(hash, conv.Kernel, conv.Stride, conv.Padding, conv.Groups, conv.Relu ? 1 : 0, conv.Residual ?? -1, BitConverter.SingleToInt32Bits(conv.ResidualMultiplier));
        hash.AppendData(MemoryMarshal.AsBytes(conv.Weights.AsSpan()));
        Append(hash, conv.Bias.AsSpan());
        Append(hash, [.. conv.Multipliers.Select(BitConverter.SingleToInt32Bits)]);
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
}
