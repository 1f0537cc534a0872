using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Imaging;

namespace Tessera.Programs;

/// <summary>Where each tensor of a program lives in one block of memory.</summary>
/// <param name="ArenaBytes">Size of the block.</param>
/// <param name="Offsets">The first byte of each tensor, by tensor index.</param>
public sealed record DevicePlan(int ArenaBytes, ImmutableArray<int> Offsets)
{
    /// <summary>The largest arena, 1 GiB: what a file can make its reader take. A 2048×4096 image with every tensor on bytes of its own needs half.</summary>
    public const int MaxArenaBytes = 1 << 30;
}

/// <summary>How a program was compiled; kept in the artefact and shown by reports.</summary>
/// <param name="March">The processor or chip that it was compiled for.</param>
/// <param name="OptLevel">The optimisation level, 0 to 2.</param>
/// <param name="ToolVersion">The version of Tessera that compiled it.</param>
/// <param name="Classes">Names and colours of the classes, by train id.</param>
/// <param name="Swing">The conversion to YUV444 that the network was trained with: how pictures must be prepared for it.</param>
public sealed record CompilationInfo(string March, int OptLevel, string ToolVersion, ImmutableArray<ClassEntry> Classes, YuvSwing Swing);

/// <summary>A program with the memory plan of the device that it was compiled for: what an artefact (<c>.tsr</c>) holds.</summary>
public sealed class CompiledProgram
{
    /// <summary>Creates it and checks that no two tensors that live at the same time overlap.</summary>
    /// <exception cref="BadFileException">A tensor lies outside the arena, two living tensors overlap, or the arena or the compilation info is impossible.</exception>
    public CompiledProgram(IntegerProgram program, DevicePlan memory, CompilationInfo info)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(info);
        Program = program;
        Memory = memory;
        Info = info;
        DevicePlanVerifier.Verify(program, memory);
        if (info.OptLevel is < 0 or > 2 || info.Classes.IsDefault || info.Classes.Length > 255)
        {
            throw new BadFileException($"The compilation info is not valid: optimisation level {info.OptLevel} (0 to 2), {(info.Classes.IsDefault ? 0 : info.Classes.Length)} classes (at most 255).");
        }

        if (!Enum.IsDefined(info.Swing) || (info.Swing == YuvSwing.StudioSubsampled && ((program.Input.Height | program.Input.Width) & 1) != 0))
        {
            throw new BadFileException($"The compilation info is not valid: colour conversion {info.Swing} for an image of {program.Input.Height}x{program.Input.Width}.");
        }

        if ((PrintableText.Problem(info.March) ?? PrintableText.Problem(info.ToolVersion)) is { } problem)
        {
            throw new BadFileException($"The compilation info is not valid: the march '{PrintableText.Escape(info.March)}' or the tool's version '{PrintableText.Escape(info.ToolVersion)}' {problem}.");
        }

        CheckNames(info.Classes);

        // A class map's bytes are looked up among the classes, so there must be one for each.
        foreach (ArgMaxInstruction argMax in program.Instructions.OfType<ArgMaxInstruction>())
        {
            int channels = program.Tensors[argMax.Input].Channels;
            if (channels != info.Classes.Length)
            {
                throw new BadFileException($"The compilation info is not valid: {argMax.Name} chooses among {channels} classes, and there are names of {info.Classes.Length}.");
            }
        }
    }

    private static void CheckNames(ImmutableArray<ClassEntry> classes)
    {
        try
        {
            _ = classes.IsEmpty ? null : new ClassTable(classes); // a program without an argmax may have none
        }
        catch (ArgumentException fault)
        {
            throw new BadFileException($"The compilation info is not valid: {fault.Message}", fault);
        }
    }

    /// <summary>The instructions, in the order in which they are executed.</summary>
    public IntegerProgram Program { get; }

    /// <summary>Where each tensor lives.</summary>
    public DevicePlan Memory { get; }

    /// <summary>How it was compiled.</summary>
    public CompilationInfo Info { get; }
}
