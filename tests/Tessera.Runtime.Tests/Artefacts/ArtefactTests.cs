using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tessera.Core;
using Tessera.Imaging;
using Tessera.Programs;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests.Artefacts;

public sealed class ArtefactTests : IDisposable
{
    private static readonly CompiledProgram Compiled = SmallPrograms.Compiled(SmallPrograms.Small(1));
    private static readonly byte[] Bytes = ArtefactWriter.ToBytes(Compiled);

    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-artefact-").FullName;

    private string FilePath => Path.Combine(_folder, "model.tsr");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_written_is_read_back_exactly()
    {
        ArtefactWriter.Write(Compiled, FilePath);
        Artefact artefact = ArtefactReader.Read(FilePath);
        Assert.True(artefact.ChecksumMatches);
        CompiledProgram read = artefact.Compiled;
        Assert.Equal(ProgramText.Print(Compiled), ProgramText.Print(read));
        Assert.Equal(Compiled.Program.Tensors.AsEnumerable(), read.Program.Tensors);
        Assert.Equal(Compiled.Program.Outputs.AsEnumerable(), read.Program.Outputs);
        Assert.Equal(Compiled.Memory.Offsets.AsEnumerable(), read.Memory.Offsets);
        Assert.Equal(Compiled.Info.Classes.AsEnumerable(), read.Info.Classes);
        foreach ((IntegerInstruction written, IntegerInstruction back) in Compiled.Program.Instructions.Zip(read.Program.Instructions))
        {
            if (written is ConvInstruction conv)
            {
                var other = Assert.IsType<ConvInstruction>(back);
                Assert.Equal(conv.Weights.AsEnumerable(), other.Weights);
                Assert.Equal(conv.Bias.AsEnumerable(), other.Bias);
                Assert.Equal(conv.Multipliers.AsEnumerable(), other.Multipliers);
                Assert.Equal(Attributes(conv), Attributes(other));
            }
            else
            {
                Assert.Equal(written, back);
            }
        }

        Assert.Equal(Bytes, ArtefactWriter.ToBytes(read));
    }

    private static object Attributes(ConvInstruction conv) =>
        (conv.Name, conv.Input, conv.Residual, conv.Output, conv.Geometry, conv.Low, conv.High, conv.ResidualMultiplier);

    [Fact]
    public void A_loaded_model_computes_what_the_written_program_does()
    {
        ArtefactWriter.Write(Compiled, FilePath);
        Assert.Null(ProgramComparison.FirstDifference(Compiled.Program, CompiledModel.Load(FilePath), SmallPrograms.Image(Compiled.Program, 3)));
    }

    [Fact]
    public void The_bytes_are_those_of_the_documented_format()
    {
        Assert.Equal([0x8F, .. "TSR\r\n"u8, 0x1A, (byte)'\n'], Bytes[..8]);
        Assert.Equal(4u, BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(8)));
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(12)));
        Assert.Equal((ulong)Bytes.Length - 56, BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(16)));
        Assert.Equal(SHA256.HashData(Bytes.AsSpan(56)), Bytes[24..56]);
        int at = 56;
        foreach (string tag in (string[])["INFO", "TENS", "INST", "OUTP", "PLAN"])
        {
            Assert.Equal(tag, Encoding.ASCII.GetString(Bytes, at, 4));
            at += 12 + (int)BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(at + 4));
        }

        Assert.Equal(Bytes.Length, at);
    }

    [Theory]
    [InlineData(ChecksumPolicy.Require)]
    [InlineData(ChecksumPolicy.Report)]
    public void A_file_cut_off_anywhere_is_refused_as_truncated(ChecksumPolicy policy)
    {
        for (int length = 0; length < Bytes.Length; length++)
        {
            BadFileException fault = Assert.Throws<BadFileException>(() => ArtefactReader.Parse(Bytes.AsSpan(0, length), "m.tsr", policy));
            Assert.Contains("m.tsr is truncated", fault.Message);
        }
    }

    [Theory]
    [InlineData(ChecksumPolicy.Require)]
    [InlineData(ChecksumPolicy.Report)]
    public void Content_cut_off_anywhere_under_a_right_header_is_refused(ChecksumPolicy policy)
    {
        for (int length = 56; length < Bytes.Length; length++)
        {
            byte[] cut = Resealed(Bytes[..length]);
            BadFileException fault = Assert.Throws<BadFileException>(() => ArtefactReader.Parse(cut, "m.tsr", policy));
            Assert.Contains("The artefact m.tsr is damaged", fault.Message);
        }
    }

    [Fact]
    public void Bytes_after_the_end_are_refused()
    {
        Refused([.. Bytes, 0], "announces");
        Refused(Resealed([.. Bytes, 0]), "bytes follow");
    }

    [Fact]
    public void A_file_of_another_kind_is_named_as_such()
    {
        Refused("PK\u0003\u0004 and so on, a zip file"u8, "not a Tessera artefact");
        Refused([0], "not a Tessera artefact");
        Refused(new byte[4096], "not a Tessera artefact");
    }

    [Fact]
    public void A_newer_format_is_named_as_such_whatever_follows()
    {
        byte[] newer = [.. Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(newer.AsSpan(8), 5);
        Refused(newer, "has artefact format 5; this version of Tessera reads format 4");
        Refused(newer.AsSpan(0, 20), "has artefact format 5");
        foreach (uint earlier in (uint[])[1, 2, 3])
        {
            BinaryPrimitives.WriteUInt32LittleEndian(newer.AsSpan(8), earlier);
            Refused(newer, $"has artefact format {earlier} of an earlier Tessera");
        }

        BinaryPrimitives.WriteUInt32LittleEndian(newer.AsSpan(8), 0);
        Refused(newer, "there is no format 0");
    }

    [Fact]
    public void An_instruction_of_a_newer_version_is_named_with_its_number()
    {
        byte[] newer = [.. Bytes];
        newer[ArtefactMap.Of(Bytes).Sections[2].Start + 16] = 200; // behind tag, length and count: the kind of the first instruction
        Refused(Resealed(newer), "section INST is not valid: instruction stem is of kind 200, which this version does not know");
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains(FilePath, Assert.Throws<BadFileException>(() => ArtefactReader.Read(FilePath)).Message);

    [Fact]
    public void A_changed_weight_is_refused_or_reported_and_then_found_by_comparison()
    {
        byte[] changed = [.. Bytes];
        ConvInstruction pw = Compiled.Program.ConvNamed("pw");
        int at = changed.AsSpan().IndexOf(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pw.Weights.AsSpan()));
        changed[at] ^= 0x40;
        Refused(changed, "was changed after it was written");
        Artefact artefact = ArtefactReader.Parse(changed, "m.tsr", ChecksumPolicy.Report);
        Assert.False(artefact.ChecksumMatches);
        sbyte[] image = SmallPrograms.Image(Compiled.Program, 3);
        Assert.Equal("pw", ProgramComparison.FirstDifference(Compiled.Program, new CompiledModel(artefact.Compiled), image)?.Name);
    }

    [Fact]
    public void A_changed_reserved_number_is_refused()
    {
        byte[] changed = [.. Bytes];
        changed[12] = 1;
        Refused(changed, "reserved");
    }

    [Fact]
    public void Sections_in_another_order_or_with_another_tag_are_refused()
    {
        byte[] changed = [.. Bytes];
        changed[56] = (byte)'X';
        Refused(Resealed(changed), "section INFO must come here; XNFO was found");
        changed[56] = 0;
        Refused(Resealed(changed), "section INFO must come here; 0x");
    }

    [Fact]
    public void A_huge_count_takes_no_memory()
    {
        int tensors = Bytes.AsSpan().IndexOf("TENS"u8) + 12;
        byte[] changed = [.. Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(tensors), uint.MaxValue);
        byte[] resealed = Resealed(changed);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(resealed, "announces 4294967295 elements");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [Fact]
    public void More_elements_than_a_program_can_have_are_refused_before_they_are_read()
    {
        int classes = Bytes.AsSpan().IndexOf("class 0"u8) - 6;
        Assert.Equal(5, Bytes[classes]);
        Refused(Spliced(classes, 256, new byte[256 * 5]), "section INFO is not valid: it announces 256 elements, more than 255");
        int tensors = Bytes.AsSpan().IndexOf("TENS"u8) + 12;
        Refused(Spliced(tensors, 1025, new byte[1025 * 18]), "section TENS is not valid: it announces 1025 elements, more than 1024");
    }

    [Theory]
    [InlineData((byte)0)]
    [InlineData((byte)'\n')]
    [InlineData((byte)0x1B)]
    [InlineData((byte)0x7F)]
    public void A_name_with_control_characters_is_refused_and_not_repeated(byte letter)
    {
        byte[] changed = [.. Bytes];
        changed[changed.AsSpan().IndexOf("class 0"u8)] = letter;
        BadFileException fault = Assert.Throws<BadFileException>(() => ArtefactReader.Parse(Resealed(changed), "m.tsr"));
        Assert.Contains($"has the control character U+{(int)letter:X4}", fault.Message);
        Assert.DoesNotContain(fault.Message, char.IsControl);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("red\u001b[31m")]
    [InlineData("\u2028")]
    [InlineData("\u202Edeorsrever")]
    [InlineData("class 1")]
    [InlineData(" ")]
    [InlineData(null)]
    public void A_name_that_cannot_be_stored_makes_no_compiled_program(string? name)
    {
        CompilationInfo info = Compiled.Info with { Classes = Compiled.Info.Classes.SetItem(0, new ClassEntry(name!, 0, 0, 0)) };
        BadFileException fault = Assert.Throws<BadFileException>(() => new CompiledProgram(Compiled.Program, Compiled.Memory, info));
        Assert.StartsWith("The compilation info is not valid: The name of class ", fault.Message);
        Assert.DoesNotContain(fault.Message, char.IsControl);
    }

    [Theory]
    [InlineData(YuvSwing.Full, 0)]
    [InlineData(YuvSwing.StudioSubsampled, 1)]
    public void The_colour_conversion_ends_the_first_section(YuvSwing swing, byte stored)
    {
        byte[] bytes = ArtefactWriter.ToBytes(SmallPrograms.Compiled(SmallPrograms.Small(1), swing));
        int last = bytes.AsSpan().IndexOf("TENS"u8) - 1;
        Assert.Equal(stored, bytes[last]);
        Assert.Equal(swing, ArtefactReader.Parse(bytes, "m.tsr").Compiled.Info.Swing);
        bytes[last] = 2;
        Refused(Resealed(bytes), "section INFO is not valid: the colour conversion is 2, which does not exist");
    }

    [Fact]
    public void A_device_without_an_end_is_not_read_for_ever()
    {
        if (File.Exists("/dev/zero"))
        {
            Assert.Throws<BadFileException>(() => ArtefactReader.Read("/dev/zero"));
        }
    }

    [Fact]
    public void The_layout_tells_where_each_section_lies()
    {
        ArtefactLayout layout = ArtefactReader.Parse(Bytes, "m.tsr").Layout;
        Assert.Equal((4u, Bytes.Length, 56, Convert.ToHexStringLower(Bytes.AsSpan(24, 32))), (layout.Version, (int)layout.FileBytes, layout.HeaderBytes, layout.StatedChecksum));
        Assert.Equal(["INFO", "TENS", "INST", "OUTP", "PLAN"], layout.Sections.Select(section => section.Tag));
        long at = 56;
        foreach (ArtefactSection section in layout.Sections)
        {
            Assert.Equal(at + 12, section.At);
            at = section.At + section.Bytes;
        }

        Assert.Equal(Bytes.Length, at);
    }

    [Fact]
    public void A_name_as_long_as_the_reader_takes_is_written_and_a_longer_one_makes_no_compiled_program()
    {
        CompilationInfo longest = Compiled.Info with { March = new string('m', 1024), ToolVersion = new string('ä', 512) };
        byte[] bytes = ArtefactWriter.ToBytes(new CompiledProgram(Compiled.Program, Compiled.Memory, longest));
        Assert.Equal(longest.March, ArtefactReader.Parse(bytes, "m.tsr").Compiled.Info.March);
        BadFileException fault = Assert.Throws<BadFileException>(() => new CompiledProgram(Compiled.Program, Compiled.Memory, longest with { March = new string('m', 1025) }));
        Assert.Contains("has 1025 bytes; 1024 are possible", fault.Message);
    }

    /// <summary>Gives changed content a header that is right for it, so that only the structure can be refused.</summary>
    internal static byte[] Resealed(byte[] file)
    {
        byte[] sealed_ = [.. file];
        BinaryPrimitives.WriteUInt64LittleEndian(sealed_.AsSpan(16), (ulong)(file.Length - 56));
        SHA256.HashData(file.AsSpan(56)).CopyTo(sealed_, 24);
        return sealed_;
    }

    /// <summary>The file with another count at a place and bytes after it, its section's length made right.</summary>
    private static byte[] Spliced(int countAt, int count, byte[] inserted)
    {
        byte[] changed = [.. Bytes[..(countAt + 4)], .. inserted, .. Bytes[(countAt + 4)..]];
        BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(countAt), count);
        int section = ArtefactMap.Of(Bytes).Sections.Last(bounds => bounds.Start <= countAt).Start;
        BinaryPrimitives.WriteInt64LittleEndian(changed.AsSpan(section + 4), BinaryPrimitives.ReadInt64LittleEndian(changed.AsSpan(section + 4)) + inserted.Length);
        return Resealed(changed);
    }

    private static void Refused(ReadOnlySpan<byte> bytes, string reason)
    {
        byte[] copy = bytes.ToArray();
        Assert.Contains(reason, Assert.Throws<BadFileException>(() => ArtefactReader.Parse(copy, "m.tsr")).Message);
    }
}
