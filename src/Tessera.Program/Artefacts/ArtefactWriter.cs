using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Tessera.Core;
using Tessera.Imaging;

namespace Tessera.Programs;

/// <summary>
/// Writes compiled programs as artefacts (<c>.tsr</c>, <c>docs/artefact.md</c>). The same program gives the same bytes. What is written can be read:
/// a compiled program keeps every limit of the reader but the size of the file, which is checked here.
/// </summary>
public static class ArtefactWriter
{
    /// <summary>Writes the artefact atomically: a reader sees the old file or the new one.</summary>
    /// <exception cref="BadFileException">The folder cannot be written, or the disk is full.</exception>
    /// <exception cref="WorkException">The file would have more than 1 GiB, which no reader takes.</exception>
    public static void Write(CompiledProgram compiled, string path)
    {
        byte[] bytes = ToBytes(compiled);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>The artefact as the bytes of a file.</summary>
    /// <exception cref="WorkException">The file would have more than 1 GiB, which no reader takes.</exception>
    public static byte[] ToBytes(CompiledProgram compiled)
    {
        ArgumentNullException.ThrowIfNull(compiled);
        CheckSize(compiled.Program, compiled.Program.Instructions.Sum(instruction => instruction.ConstantBytes)); // before memory is taken
        byte[] content = Content(compiled);
        CheckSize(compiled.Program, (long)ArtefactFormat.HeaderBytes + content.Length);
        using var file = new MemoryStream(ArtefactFormat.HeaderBytes + content.Length);
        using var writer = new BinaryWriter(file);
        writer.Write(ArtefactFormat.Magic);
        writer.Write(ArtefactFormat.Version);
        writer.Write(0u);
        writer.Write((ulong)content.Length);
        writer.Write(SHA256.HashData(content));
        writer.Write(content);
        return file.ToArray();
    }

    private static void CheckSize(IntegerProgram program, long bytes)
    {
        if (bytes > ArtefactFormat.MaxBytes)
        {
            throw new WorkException($"The artefact of {program.Name} would have {bytes} bytes, most of them weights; at most {ArtefactFormat.MaxBytes} are possible. Choose a smaller network (model.backbone.alpha).");
        }
    }

    private static byte[] Content(CompiledProgram compiled)
    {
        using var content = new MemoryStream();
        using var writer = new BinaryWriter(content);
        WriteSection(writer, ArtefactFormat.Info, section => WriteInfo(section, compiled));
        WriteSection(writer, ArtefactFormat.Tensors, section => WriteAll(section, compiled.Program.Tensors, WriteTensor));
        WriteSection(writer, ArtefactFormat.Instructions, section => WriteAll(section, compiled.Program.Instructions, WriteInstruction));
        WriteSection(writer, ArtefactFormat.Outputs, section => WriteAll(section, compiled.Program.Outputs, WriteOutput));
        WriteSection(writer, ArtefactFormat.Plan, section => WritePlan(section, compiled.Memory));
        return content.ToArray();
    }

    private static void WriteSection(BinaryWriter writer, uint tag, Action<BinaryWriter> write)
    {
        using var payload = new MemoryStream();
        using (var section = new BinaryWriter(payload, Encoding.UTF8, leaveOpen: true))
        {
            write(section);
        }

        writer.Write(tag);
        writer.Write((ulong)payload.Length);
        writer.Write(payload.GetBuffer().AsSpan(0, (int)payload.Length));
    }

    private static void WriteInfo(BinaryWriter writer, CompiledProgram compiled)
    {
        WriteText(writer, compiled.Program.Name);
        WriteText(writer, compiled.Info.March);
        writer.Write(compiled.Info.OptLevel);
        WriteText(writer, compiled.Info.ToolVersion);
        WriteAll(writer, compiled.Info.Classes, WriteClass);
        writer.Write((byte)(compiled.Info.Swing == YuvSwing.Full ? StoredSwing.Full : StoredSwing.StudioSubsampled));
    }

    private static void WriteClass(BinaryWriter writer, ClassEntry entry)
    {
        WriteText(writer, entry.Name);
        writer.Write(entry.Red);
        writer.Write(entry.Green);
        writer.Write(entry.Blue);
    }

    private static void WriteTensor(BinaryWriter writer, IntegerTensor tensor)
    {
        WriteText(writer, tensor.Name);
        writer.Write(tensor.Height);
        writer.Write(tensor.Width);
        writer.Write(tensor.Channels);
        writer.Write(tensor.Scale);
    }

    private static void WriteInstruction(BinaryWriter writer, IntegerInstruction instruction)
    {
        writer.Write(instruction.StoredKind);
        WriteText(writer, instruction.Name);
        writer.Write(instruction.Output);
        var fields = new StoredFields(writer);
        instruction.Through(instruction.Name, instruction.Output, ref fields);
    }

    private static void WriteOutput(BinaryWriter writer, IntegerOutput output)
    {
        WriteText(writer, output.Name);
        writer.Write(output.Tensor);
    }

    private static void WritePlan(BinaryWriter writer, DevicePlan plan)
    {
        writer.Write(plan.ArenaBytes);
        WriteAll(writer, plan.Offsets, static (section, offset) => section.Write(offset));
    }

    private static void WriteAll<T>(BinaryWriter writer, ImmutableArray<T> items, Action<BinaryWriter, T> write)
    {
        writer.Write(items.Length);
        foreach (T item in items)
        {
            write(writer, item);
        }
    }

    // A compiled program's names were checked when it was made.
    private static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ushort)bytes.Length);
        writer.Write(bytes);
    }
}
