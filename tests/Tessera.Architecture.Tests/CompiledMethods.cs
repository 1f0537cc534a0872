using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Tessera.Architecture.Tests;

/// <summary>What each method of a compiled assembly calls, makes or takes the address of, by names such as <c>Namespace.Outer/Inner::Method(ParameterTypes)</c>.</summary>
public sealed class CompiledMethods
{
    private static readonly OpCode[] OneByte = new OpCode[256];
    private static readonly OpCode[] TwoBytes = new OpCode[256];

    private readonly MetadataReader _metadata;
    private readonly MetadataNames _names;

    static CompiledMethods()
    {
        foreach (OpCode code in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (OpCode)field.GetValue(null)!))
        {
            (code.Size == 1 ? OneByte : TwoBytes)[code.Value & 0xFF] = code;
        }
    }

    public CompiledMethods(string path)
    {
        Assert.True(File.Exists(path), $"{path} is not built.");
        using FileStream stream = File.OpenRead(path);
        using var image = new PEReader(stream);
        _metadata = image.GetMetadataReader();
        _names = new MetadataNames(_metadata);
        foreach (MethodDefinitionHandle handle in _metadata.MethodDefinitions)
        {
            int address = _metadata.GetMethodDefinition(handle).RelativeVirtualAddress;
            Calls[NameOf(handle)!] = address == 0 ? [] : [.. Callees(image.GetMethodBody(address).GetILReader())];
        }
    }

    /// <summary>The callees of each method.</summary>
    public Dictionary<string, string[]> Calls { get; } = [];

    private HashSet<string> Callees(BlobReader code)
    {
        var callees = new HashSet<string>();
        while (code.RemainingBytes > 0)
        {
            byte first = code.ReadByte();
            OperandType operand = (first == 0xFE ? TwoBytes[code.ReadByte()] : OneByte[first]).OperandType;
            if (operand is OperandType.InlineMethod or OperandType.InlineTok)
            {
                if (NameOf(MetadataTokens.EntityHandle(code.ReadInt32())) is { } callee)
                {
                    callees.Add(callee);
                }
            }
            else
            {
                int length = operand == OperandType.InlineSwitch ? 4 * code.ReadInt32() : Length(operand);
                code.Offset += length;
            }
        }

        return callees;
    }

    private static int Length(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private string? NameOf(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                MethodDefinition method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                return Name(_names.Of(method.GetDeclaringType()), method.Name, method.DecodeSignature(_names, null));
            case HandleKind.MemberReference when _metadata.GetMemberReference((MemberReferenceHandle)handle) is var member && member.GetKind() == MemberReferenceKind.Method:
                return Name(_names.Of(member.Parent), member.Name, member.DecodeMethodSignature(_names, null));
            case HandleKind.MethodSpecification:
                return NameOf(_metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method);
            default:
                return null;
        }
    }

    private string Name(string type, StringHandle name, MethodSignature<string> signature) =>
        $"{type}::{_metadata.GetString(name)}({string.Join(",", signature.ParameterTypes)})";
}
