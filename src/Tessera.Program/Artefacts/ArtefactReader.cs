using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Tessera.Core;
using Tessera.Imaging;

namespace Tessera.Programs;

/// <summary>
/// Reads artefacts (<c>.tsr</c>, <c>docs/artefact.md</c>) as untrusted data: every count, length, index and enum is checked before it is used.
/// </summary>
public static class ArtefactReader
{
    // The least bytes of a stored element; they bound the memory that a count can make us take.
    private const int TextBytes = 2;
    private const int ClassBytes = TextBytes + 3;
    private const int TensorBytes = TextBytes + 16;
    private const int InstructionBytes = 1 + TextBytes + 8;
    private const int OutputBytes = TextBytes + 4;

    /// <summary>Reads an artefact file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="policy">What to do when the content was changed after it was written.</param>
    /// <exception cref="BadFileException">
    /// The file is missing, truncated, damaged, of another kind, or of a newer format; or its checksum differs and the policy requires it.
    /// </exception>
    public static Artefact Read(string path, ChecksumPolicy policy = ChecksumPolicy.Require)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] bytes;
        try
        {
            using FileStream file = InputFile.OpenRead(path);
            if (file.Length > ArtefactFormat.MaxBytes)
            {
                throw new BadFileException($"{path} is not a Tessera artefact: it has {file.Length} bytes, and no artefact has more than {ArtefactFormat.MaxBytes}.");
            }

            // The length decides how much is read: a device or a growing file has no end of its own.
            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new BadFileException($"Cannot read the artefact {path}: {fault.Message} Compile the model first, or give the path of a .tsr file.", fault);
        }

        return Parse(bytes, path, policy);
    }

    /// <summary>Reads an artefact that is in memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="source">Its path or origin, for messages.</param>
    /// <param name="policy">What to do when the content was changed after it was written.</param>
    /// <exception cref="BadFileException">As for <see cref="Read"/>.</exception>
    public static Artefact Parse(ReadOnlySpan<byte> bytes, string source, ChecksumPolicy policy = ChecksumPolicy.Require)
    {
        ArgumentNullException.ThrowIfNull(source);
        ReadOnlySpan<byte> content = Content(bytes, source);
        bool matches = SHA256.HashData(content).AsSpan().SequenceEqual(bytes.Slice(ArtefactFormat.ChecksumAt, SHA256.HashSizeInBytes));
        if (!matches && policy != ChecksumPolicy.Report)
        {
            throw new BadFileException($"{source} was changed after it was written: its content does not have the SHA-256 that its header states. Compile the model again or take another copy.");
        }

        try
        {
            (CompiledProgram compiled, ImmutableArray<ArtefactSection> sections) = ReadProgram(content);
            string stated = Convert.ToHexStringLower(bytes.Slice(ArtefactFormat.ChecksumAt, SHA256.HashSizeInBytes));
            return new Artefact(compiled, matches, new ArtefactLayout(ArtefactFormat.Version, bytes.Length, ArtefactFormat.HeaderBytes, stated, sections));
        }
        catch (BadFileException fault)
        {
            throw new BadFileException($"The artefact {source} is damaged: {fault.Message} Compile the model again or take another copy.", fault);
        }
    }

    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> bytes, string source)
    {
        ReadOnlySpan<byte> magic = ArtefactFormat.Magic;
        int compared = Math.Min(bytes.Length, magic.Length);
        if (!bytes[..compared].SequenceEqual(magic[..compared]))
        {
            throw new BadFileException($"{source} is not a Tessera artefact: it begins with other bytes. Give a .tsr file that 'tessera compile' wrote.");
        }

        if (bytes.Length >= ArtefactFormat.ReservedAt && BinaryPrimitives.ReadUInt32LittleEndian(bytes[ArtefactFormat.VersionAt..]) is var version && version != ArtefactFormat.Version)
        {
            throw new BadFileException(version > ArtefactFormat.Version
                ? $"{source} has artefact format {version}; this version of Tessera reads format {ArtefactFormat.Version}. Use a newer Tessera, or compile the model again with this one."
                : version == 0
                    ? $"The artefact {source} is damaged: there is no format 0. Compile the model again or take another copy."
                    : $"{source} has artefact format {version} of an earlier Tessera; this version reads format {ArtefactFormat.Version}. Compile the model again.");
        }

        if (bytes.Length < ArtefactFormat.HeaderBytes)
        {
            throw new BadFileException($"The artefact {source} is truncated: its {bytes.Length} bytes are less than its header of {ArtefactFormat.HeaderBytes}. Copy it again or compile the model again.");
        }

        ulong announced = BinaryPrimitives.ReadUInt64LittleEndian(bytes[ArtefactFormat.LengthAt..]);
        ReadOnlySpan<byte> content = bytes[ArtefactFormat.HeaderBytes..];
        if (announced != (ulong)content.Length)
        {
            string problem = announced > (ulong)content.Length ? "truncated" : "damaged";
            throw new BadFileException($"The artefact {source} is {problem}: its header announces {announced} bytes of content, the file has {content.Length}. Copy it again or compile the model again.");
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[ArtefactFormat.ReservedAt..]) is var reserved and not 0
            ? throw new BadFileException($"The artefact {source} is damaged: the reserved number in its header is {reserved} instead of 0. Compile the model again or take another copy.")
            : content;
    }

    private static (CompiledProgram Compiled, ImmutableArray<ArtefactSection> Sections) ReadProgram(ReadOnlySpan<byte> content)
    {
        var sections = new ArtefactCursor(content, "list");
        ImmutableArray<ArtefactSection>.Builder found = ImmutableArray.CreateBuilder<ArtefactSection>();
        ArtefactCursor info = Section(ref sections, content.Length, ArtefactFormat.Info, found);
        string name = info.Text();
        var compilation = new CompilationInfo(info.Text(), info.Int32(), info.Text(), info.List(ClassBytes, ArtefactFormat.MaxClasses, ReadClass), ReadSwing(ref info));
        RequireEnd(info);
        ArtefactCursor tensorSection = Section(ref sections, content.Length, ArtefactFormat.Tensors, found);
        ImmutableArray<IntegerTensor> tensors = tensorSection.List(TensorBytes, ProgramVerifier.MaxTensors, ReadTensor);
        RequireEnd(tensorSection);
        ArtefactCursor instructionSection = Section(ref sections, content.Length, ArtefactFormat.Instructions, found);
        ImmutableArray<IntegerInstruction> instructions = instructionSection.List(InstructionBytes, ProgramVerifier.MaxTensors, ReadInstruction);
        RequireEnd(instructionSection);
        ArtefactCursor outputSection = Section(ref sections, content.Length, ArtefactFormat.Outputs, found);
        ImmutableArray<IntegerOutput> outputs = outputSection.List(OutputBytes, ProgramVerifier.MaxTensors, static (ref ArtefactCursor cursor) => new IntegerOutput(cursor.Text(), cursor.Int32()));
        RequireEnd(outputSection);
        ArtefactCursor plan = Section(ref sections, content.Length, ArtefactFormat.Plan, found);
        var memory = new DevicePlan(plan.Int32(), plan.List(sizeof(int), ProgramVerifier.MaxTensors, static (ref ArtefactCursor cursor) => cursor.Int32()));
        RequireEnd(plan);
        RequireEnd(sections);
        return (new CompiledProgram(new IntegerProgram(name, tensors, instructions, outputs), memory, compilation), found.ToImmutable());
    }

    private static ArtefactCursor Section(ref ArtefactCursor sections, int contentBytes, uint tag, ImmutableArray<ArtefactSection>.Builder found)
    {
        string name = TagText(tag);
        uint next = sections.UInt32();
        if (next != tag)
        {
            throw sections.Fault($"section {name} must come here; {TagText(next)} was found");
        }

        ReadOnlySpan<byte> payload = sections.Take(sections.Length());
        found.Add(new ArtefactSection(name, ArtefactFormat.HeaderBytes + contentBytes - sections.Remaining - payload.Length, payload.Length));
        return new ArtefactCursor(payload, name);
    }

    private static void RequireEnd(ArtefactCursor section)
    {
        if (!section.AtEnd)
        {
            throw section.Fault("bytes follow after its last element");
        }
    }

    private static ClassEntry ReadClass(ref ArtefactCursor cursor) => new(cursor.Text(), cursor.Byte(), cursor.Byte(), cursor.Byte());

    private static YuvSwing ReadSwing(ref ArtefactCursor cursor) => (StoredSwing)cursor.Byte() switch
    {
        StoredSwing.Full => YuvSwing.Full,
        StoredSwing.StudioSubsampled => YuvSwing.StudioSubsampled,
        StoredSwing other => throw cursor.Fault($"the colour conversion is {(byte)other}, which does not exist"),
    };

    private static IntegerTensor ReadTensor(ref ArtefactCursor cursor) =>
        new(cursor.Text(), cursor.Int32(), cursor.Int32(), cursor.Int32(), cursor.Single());

    private static IntegerInstruction ReadInstruction(ref ArtefactCursor cursor)
    {
        byte kind = cursor.Byte();
        string name = cursor.Text();
        int output = cursor.Int32();
        return InstructionTable.ByStoredKind.TryGetValue(kind, out IntegerInstruction? specimen)
            ? specimen.Through(name, output, ref cursor)
            : throw cursor.Fault($"instruction {name} is of kind {kind}, which this version does not know. A newer Tessera may have made the file");
    }

    private static string TagText(uint tag)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, tag);
        return bytes.ContainsAnyExceptInRange((byte)'A', (byte)'Z') ? $"0x{tag:X8}" : Encoding.ASCII.GetString(bytes);
    }
}
