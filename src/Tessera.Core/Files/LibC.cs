using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tessera.Core;

/// <summary>
/// The calls of Unix that .NET has not, or whose errors it does not pass on: on .NET 10 <c>FileStream.Flush(true)</c> returns
/// although fsync failed, and a failed close is never told. Only for where <see cref="IsHere"/>.
/// </summary>
internal static partial class LibC
{
    private const int Interrupted = 4;
    private const int NoEntry = 2;
    private const int InvalidArgument = 22;
    private const int MacFullFsync = 51;
    private const int LockExclusiveNow = 2 | 4;
    private const int LinuxCloseOnExec = 0x80000;
    private const int LinuxCurrentFolder = -100;
    private const uint ExchangeNames = 2;

    /// <summary>Whether this system has it. Windows, WebAssembly: no.</summary>
    public static bool IsHere { get; } = !OperatingSystem.IsWindows() && !OperatingSystem.IsBrowser() && !OperatingSystem.IsWasi();

    private static bool IsLinux { get; } = OperatingSystem.IsLinux() || OperatingSystem.IsAndroid();

    /// <summary>Waits until a file, or a folder's names, are on the disk.</summary>
    /// <exception cref="IOException">The disk does not confirm it.</exception>
    public static void Sync(SafeFileHandle file, string name)
    {
        // On macOS fsync stops at the drive's cache; not every file system there knows the stronger call.
        if (OperatingSystem.IsMacOS() && Repeat(() => Fcntl(file, MacFullFsync)) == 0)
        {
            return;
        }

        if (Repeat(() => Fsync(file)) != 0)
        {
            throw Fault("Bringing it to the disk failed", name);
        }
    }

    /// <summary>Opens a folder for <see cref="Sync"/>; null where it may be written but not read.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle? OpenFolder(string path)
    {
        int descriptor = Repeat(() => Open(path, IsLinux ? LinuxCloseOnExec : 0));
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true)
            : IsAccessFault(Marshal.GetLastPInvokeError()) ? null
            : throw Fault("Opening the folder failed", path);
    }

    /// <summary>Closes a file.</summary>
    /// <exception cref="IOException">What was written could not be kept: a full quota or a lost server may be told no earlier.</exception>
    public static void Close(SafeFileHandle file, string name)
    {
        int descriptor = (int)file.DangerousGetHandle();
        file.SetHandleAsInvalid();

        // An interrupted close has closed nevertheless; repeated, it could close another thread's file.
        if (Close(descriptor) != 0 && Marshal.GetLastPInvokeError() != Interrupted)
        {
            throw Fault("Closing it failed", name);
        }
    }

    /// <summary>Locks a file until it is closed; false where another one has it, or where this file system has no locks.</summary>
    public static bool TryLock(SafeFileHandle file) => Repeat(() => Flock(file, LockExclusiveNow)) == 0;

    /// <summary>Gives a file to an owner and a group, as far as this user may.</summary>
    public static void TryChangeOwner(SafeFileHandle file, uint owner, uint group)
    {
        if (Fchown(file, owner, group) != 0)
        {
            _ = Fchown(file, uint.MaxValue, group);
        }
    }

    /// <summary>Renames, replacing what is there.</summary>
    /// <exception cref="IOException">It failed; nothing has changed.</exception>
    public static void Rename(string from, string to)
    {
        if (RenameOnly(from, to) != 0)
        {
            throw Fault("Renaming failed", to);
        }
    }

    /// <summary>Exchanges the names of two files or folders in one step; false where the second is missing or the file system cannot do it.</summary>
    /// <exception cref="IOException">It failed; nothing has changed.</exception>
    public static bool TryExchange(string first, string second)
    {
        int result;
        try
        {
            result = IsLinux ? RenameAt2(LinuxCurrentFolder, first, LinuxCurrentFolder, second, ExchangeNames)
                : OperatingSystem.IsMacOS() ? RenameX(first, second, ExchangeNames)
                : 1;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // a C library of before 2018
        }

        if (result >= 0)
        {
            return result == 0;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is NoEntry or InvalidArgument || IsUnsupported(error) ? false : throw Fault("Renaming failed", second);
    }

    /// <summary>The path without links; null where it leads nowhere.</summary>
    public static string? RealPath(string path) => RealPath(path, 0);

    /// <summary>Whether an error says that a file system lacks a call, not that the call failed: a folder's fsync on some network file systems.</summary>
    public static bool IsUnsupported(IOException fault) => fault.HResult == InvalidArgument || IsUnsupported(fault.HResult);

    /// <summary>Whether .NET could not open a file because another one holds its lock (EWOULDBLOCK).</summary>
    public static bool IsLocked(IOException fault) => IsHere && fault.HResult == (IsLinux ? 11 : 35);

    // ENOSYS and EOPNOTSUPP (ENOTSUP).
    private static bool IsUnsupported(int error) => IsLinux ? error is 38 or 95 : error is 78 or 45 or 102;

    // EPERM and EACCES.
    private static bool IsAccessFault(int error) => error is 1 or 13;

    /// <summary>The last call's error as .NET reports such: <see cref="Exception.HResult"/> is the error's number.</summary>
    private static IOException Fault(string what, string name)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)} : '{name}'", error);
    }

    private static int Repeat(Func<int> call)
    {
        int result;
        do
        {
            result = call();
        }
        while (result == -1 && Marshal.GetLastPInvokeError() == Interrupted);
        return result;
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int Fchown(SafeFileHandle file, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameOnly(string from, string to);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "renamex_np", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameX(string from, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial string? RealPath(string path, nint buffer);
}
