namespace Tessera.Core.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-atomic-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_content_replaces_the_old_and_folders_are_made()
    {
        string path = Path.Combine(_folder, "a", "b", "file.txt");
        AtomicFile.WriteText(path, "one");
        AtomicFile.WriteText(path, "zwei ö");
        Assert.Equal("zwei ö"u8.ToArray(), File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_fault_while_writing_leaves_the_old_content_and_nothing_beside_it()
    {
        string path = Path.Combine(_folder, "file.bin");
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        var fault = new InvalidOperationException("half way");
        Assert.Same(fault, Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100_000]);
            throw fault;
        })));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_full_disk_becomes_a_bad_file_that_says_nothing_has_changed()
    {
        string path = Path.Combine(_folder, "file.bin");
        AtomicFile.WriteText(path, "old");
        BadFileException fault = Assert.Throws<BadFileException>(() => AtomicFile.Write(path, _ => throw new IOException("No space left on device.")));
        Assert.Contains(path, fault.Message);
        Assert.Contains("this file is as it was before", fault.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_path_that_cannot_be_written_is_a_bad_file()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "x");
        Assert.Throws<BadFileException>(() => AtomicFile.WriteText(Path.Combine(file, "below"), "y"));
        Assert.Throws<BadFileException>(() => AtomicFile.WriteText(_folder, "a folder is in the way"));
        Assert.Equal("x", File.ReadAllText(file));
    }
}
