using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tessera.Core;

/// <summary>What kind of thing a path leads to.</summary>
internal enum FileKind
{
    /// <summary>Nothing, or nothing that this user may look at.</summary>
    Missing,

    /// <summary>An ordinary file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A device, a pipe, a socket: it is written to, never replaced.</summary>
    Special,
}

/// <summary>What the file system says about a path, links followed.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Rights">Who may read, write and execute it; meaningless on Windows.</param>
/// <param name="Owner">The user's number; <see cref="uint.MaxValue"/> where it is not known.</param>
/// <param name="Group">The group's number; <see cref="uint.MaxValue"/> where it is not known.</param>
internal readonly partial record struct FileStatus(FileKind Kind, UnixFileMode Rights, uint Owner, uint Group)
{
    private const int RightsMask = 0x1FF;
    private const int KindMask = 0xF000;
    private const int FolderBits = 0x4000;
    private const int RegularBits = 0x8000;

    /// <summary>Looks at a path.</summary>
    public static FileStatus Of(string path)
    {
        Span<byte> buffer = stackalloc byte[256];
        try
        {
            // The fields' places are part of the systems' binary interfaces: struct statx of Linux, struct stat of macOS.
            if (OperatingSystem.IsLinux() || OperatingSystem.IsAndroid())
            {
                const int CurrentFolder = -100, BasicFields = 0x7FF;
                return Statx(CurrentFolder, path, 0, BasicFields, buffer) == 0 ? FromFields(U16(buffer, 28), U32(buffer, 20), U32(buffer, 24)) : default;
            }

            if (OperatingSystem.IsMacOS())
            {
                int result = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? Stat(path, buffer) : StatInode64(path, buffer);
                return result == 0 ? FromFields(U16(buffer, 4), U32(buffer, 16), U32(buffer, 20)) : default;
            }
        }
        catch (EntryPointNotFoundException)
        {
            // A C library without statx: .NET tells less, but enough to write files.
        }

        return File.Exists(path) ? new FileStatus(FileKind.Regular, RightsOf(path), uint.MaxValue, uint.MaxValue)
            : Directory.Exists(path) ? new FileStatus(FileKind.Folder, default, uint.MaxValue, uint.MaxValue)
            : default;
    }

    /// <summary>Gives a file these rights, and the owner and the group as far as this user may.</summary>
    public void GiveTo(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows() || !LibC.IsHere)
        {
            return;
        }

        LibC.TryChangeOwner(file, Owner, Group);

        // Some file systems of other systems have one mode for all files and refuse to set any.
        if (File.GetUnixFileMode(file) != Rights)
        {
            File.SetUnixFileMode(file, Rights);
        }
    }

    private static FileStatus FromFields(int mode, uint owner, uint group)
    {
        FileKind kind = (mode & KindMask) switch { RegularBits => FileKind.Regular, FolderBits => FileKind.Folder, _ => FileKind.Special };
        return new FileStatus(kind, (UnixFileMode)(mode & RightsMask), owner, group);
    }

    private static UnixFileMode RightsOf(string path) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path) & (UnixFileMode)RightsMask;

    private static int U16(ReadOnlySpan<byte> buffer, int offset) => MemoryMarshal.Read<ushort>(buffer[offset..]);

    private static uint U32(ReadOnlySpan<byte> buffer, int offset) => MemoryMarshal.Read<uint>(buffer[offset..]);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint fields, Span<byte> result);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, Span<byte> result);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatInode64(string path, Span<byte> result);
}
