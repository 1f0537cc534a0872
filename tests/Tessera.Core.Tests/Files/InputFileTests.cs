using System.Diagnostics;

namespace Tessera.Core.Tests.Files;

public sealed class InputFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-input-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [UnixFact]
    public void A_pipe_without_a_writer_is_refused_before_it_is_opened()
    {
        string pipe = Path.Combine(_folder, "pipe"), link = Path.Combine(_folder, "link");
        using (Process process = Process.Start("mkfifo", [pipe]))
        {
            process.WaitForExit();
        }

        File.CreateSymbolicLink(link, pipe);
        foreach (string path in (string[])[pipe, link, "/dev/null", "/dev/zero"])
        {
            Assert.Contains("is a pipe, a socket or a device", Assert.Throws<IOException>(() => InputFile.OpenRead(path)).Message);
        }
    }

    [Fact]
    public void A_file_is_read_whole_and_no_further_than_its_bound()
    {
        string path = Path.Combine(_folder, "file");
        File.WriteAllBytes(path, [1, 2, 3]);
        Assert.Equal([1, 2, 3], InputFile.ReadAllBytes(path, 3));
        Assert.Contains("has 3 bytes; at most 2 are read", Assert.Throws<IOException>(() => InputFile.ReadAllBytes(path, 2)).Message);
        Assert.Throws<FileNotFoundException>(() => InputFile.OpenRead(Path.Combine(_folder, "none")));
    }
}
