using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace Tessera.Core.Tests.Files;

public sealed class DurabilityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-durability-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [UnixFact]
    public void What_the_system_cannot_bring_to_a_disk_is_an_error_although_NETs_own_flush_returns()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var file = new FileStream(new SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false), FileAccess.Write, bufferSize: 0);
        file.Flush(flushToDisk: true);
        IOException fault = Assert.Throws<IOException>(() => Durability.Flush(file));
        Assert.Equal(22, fault.HResult); // EINVAL
    }

    [UnixFact]
    public void A_close_that_the_system_refuses_is_an_error()
    {
        // A number that no open file has.
        using var file = new SafeFileHandle(1_000_000, ownsHandle: false);
        IOException fault = Assert.Throws<IOException>(() => LibC.Close(file, "a name"));
        Assert.Equal(9, fault.HResult); // EBADF
        Assert.Contains("a name", fault.Message);
    }

    [Fact]
    public void Files_and_folders_of_a_working_disk_are_flushed()
    {
        using FileStream file = File.Create(Path.Combine(_folder, "a"), bufferSize: 4096);
        file.WriteByte(7);
        Durability.Flush(file);
        Assert.Equal(1, new FileInfo(file.Name).Length);
        Durability.Close(file);
        Assert.Equal([7], File.ReadAllBytes(file.Name));
        Durability.FlushFolder(_folder);
    }

    [UnixFact]
    public void A_folder_that_is_not_there_is_an_error() =>
        Assert.Equal(2, Assert.Throws<IOException>(() => Durability.FlushFolder(Path.Combine(_folder, "none"))).HResult); // ENOENT
}
