using System.Runtime.InteropServices;

namespace Tessera.Data;

/// <summary>Tells sockets, pipes and devices from files, which .NET does not: to open a pipe that nobody writes to would wait for ever.</summary>
internal static unsafe partial class SpecialFile
{
    // statx(2): the layout of its result is the same on every processor, other than that of stat(2).
    private const int CurrentFolder = -100;
    private const uint TypeOnly = 1;
    private const int ResultBytes = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int Folder = 0x4000;

    /// <summary>Whether a path leads, over links too, to a socket, pipe or device; false where the system does not tell.</summary>
    public static bool Is(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        byte* result = stackalloc byte[ResultBytes];
        return StatX(CurrentFolder, path, 0, TypeOnly, result) == 0 && (*(ushort*)(result + ModeOffset) & TypeMask) is not (RegularFile or Folder);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, byte* result);
}
