using System.IO.Pipes;

namespace Tessera.Core.Tests.Files;

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whichever_call_fails_the_old_file_is_whole_and_nothing_is_left_beside_it(bool canExchange)
    {
        byte[] newContent = new byte[200_000];
        Array.Fill(newContent, (byte)7);
        var failed = new List<string>();
        for (int call = 0; ; call++)
        {
            string path = Path.Combine(_folder, $"file{call}");
            File.WriteAllText(path, "old");
            var disk = new FaultyDisk(call, canExchange);
            Exception? fault = Record.Exception(() => AtomicFile.Write(path, WriteInParts, disk));
            if (disk.Failed is null)
            {
                Assert.Null(fault);
                Assert.Equal(newContent, File.ReadAllBytes(path));
                break;
            }

            failed.Add(disk.Failed);
            string message = Assert.IsType<BadFileException>(fault).Message;
            Assert.Contains(path, message);
            Assert.Contains("No space left on device", message);

            // Without an exchange the way back from a confirmed rename is closed, and the message says that the new file stands.
            bool isReplaced = !canExchange && disk.Failed is nameof(DiskCalls.FlushFolder) or nameof(DiskCalls.Close);
            Assert.Contains(isReplaced ? "was replaced" : "this file is as it was before", message);
            Assert.Equal(isReplaced ? newContent : "old"u8.ToArray(), File.ReadAllBytes(path));
            Assert.Empty(Directory.GetFiles(_folder, ".*"));
        }

        string[] expected = ["Create", "Write", "Write", "Write", "Write", "Flush", .. canExchange ? new[] { "TryExchange" } : ["Rename"], "FlushFolder", "Close"];
        Assert.Equal(expected, failed);
        Assert.Empty(Directory.GetFiles(_folder, ".*"));

        void WriteInParts(Stream stream)
        {
            for (int i = 0; i < newContent.Length; i += 50_000)
            {
                stream.Write(newContent.AsSpan(i, 50_000));
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whichever_call_fails_where_there_was_no_file_there_is_none_afterwards(bool canExchange)
    {
        for (int call = 0; ; call++)
        {
            string path = Path.Combine(_folder, $"new{call}", "file");
            var disk = new FaultyDisk(call, canExchange);
            Exception? fault = Record.Exception(() => AtomicFile.Write(path, stream => stream.Write("new"u8), disk));
            if (disk.Failed is null)
            {
                Assert.Null(fault);
                Assert.Equal("new", File.ReadAllText(path));
                break;
            }

            Assert.Contains("this file is as it was before", Assert.IsType<BadFileException>(fault).Message);
            Assert.False(File.Exists(path), disk.Failed);
            Assert.Empty(Directory.GetFiles(_folder, "*.tmp", SearchOption.AllDirectories));
        }
    }

    [UnixFact]
    public void A_link_is_followed_and_stays_a_link_also_where_it_leads_to_nothing_yet()
    {
        string there = Path.Combine(_folder, "there"), real = Path.Combine(there, "real"), link = Path.Combine(_folder, "link"), second = Path.Combine(_folder, "second");
        Directory.CreateDirectory(there);
        File.CreateSymbolicLink(link, Path.Combine("there", "real"));
        File.CreateSymbolicLink(second, "link");
        AtomicFile.WriteText(second, "one");
        Assert.Equal("one", File.ReadAllText(real));
        AtomicFile.WriteText(second, "two");
        Assert.Equal("two", File.ReadAllText(real));
        Assert.Equal("link", new FileInfo(second).LinkTarget);
        Assert.Null(new FileInfo(real).LinkTarget);
        Assert.Single(Directory.GetFiles(there));
    }

    [UnixFact]
    public void The_folder_above_a_linked_folder_is_the_one_above_the_folder_that_it_leads_to()
    {
        string deep = Path.Combine(_folder, "a", "b");
        Directory.CreateDirectory(deep);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "short"), deep);
        File.CreateSymbolicLink(Path.Combine(deep, "file"), Path.Combine("..", "beside"));
        AtomicFile.WriteText(Path.Combine(_folder, "short", "file"), "x");
        Assert.Equal("x", File.ReadAllText(Path.Combine(_folder, "a", "beside")));
    }

    [UnixFact]
    public void Links_in_a_circle_are_a_bad_file()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "a"), "b");
        File.CreateSymbolicLink(Path.Combine(_folder, "b"), "a");
        Assert.Contains("circle", Assert.Throws<BadFileException>(() => AtomicFile.WriteText(Path.Combine(_folder, "a"), "x")).Message);
    }

    [UnixFact]
    public void A_file_planted_under_the_name_of_earlier_versions_is_neither_followed_nor_touched()
    {
        string path = Path.Combine(_folder, "file"), victim = Path.Combine(_folder, "victim");
        File.WriteAllText(victim, "mine");
        File.CreateSymbolicLink($"{path}.{Environment.ProcessId}.tmp", victim);
        AtomicFile.WriteText(path, "x");
        Assert.Equal("mine", File.ReadAllText(victim));
    }

    [UnixFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void The_rights_of_the_old_file_are_those_of_the_new_one()
    {
        string path = Path.Combine(_folder, "file");
        foreach (UnixFileMode rights in new[] { UnixFileMode.UserRead | UnixFileMode.UserWrite, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherWrite })
        {
            File.WriteAllText(path, "old");
            File.SetUnixFileMode(path, rights);
            AtomicFile.Write(path, stream =>
            {
                string beside = Assert.Single(Directory.GetFiles(_folder, ".*"));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(beside));
                stream.Write("new"u8);
            });
            Assert.Equal("new", File.ReadAllText(path));
            Assert.Equal(rights, File.GetUnixFileMode(path));
            File.Delete(path);
        }
    }

    [UnixFact]
    public void A_device_is_written_to_and_stays_a_device()
    {
        AtomicFile.WriteText("/dev/null", "x");
        Assert.Equal(FileKind.Special, FileStatus.Of("/dev/null").Kind);
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, "/dev/null");
        AtomicFile.WriteText(link, "x");
        Assert.Equal("/dev/null", new FileInfo(link).LinkTarget);
        if (File.Exists("/dev/full"))
        {
            string message = Assert.Throws<BadFileException>(() => AtomicFile.WriteText("/dev/full", "x")).Message;
            Assert.Contains("/dev/full", message);
            Assert.DoesNotContain("has changed", message);
        }
    }

    [UnixFact]
    public void An_open_file_is_written_to_where_it_stands()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        AtomicFile.WriteText($"/dev/fd/{pipe.ClientSafePipeHandle.DangerousGetHandle()}", "through the pipe");
        pipe.DisposeLocalCopyOfClientHandle();
        using var reader = new StreamReader(pipe);
        Assert.Equal("through the pipe", reader.ReadToEnd());

        string path = Path.Combine(_folder, "log");
        using (var log = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            log.Write("before "u8);
            nint descriptor = log.SafeFileHandle.DangerousGetHandle();
            AtomicFile.WriteText($"/proc/self/fd/{descriptor}", "one ");
            AtomicFile.WriteText($"/dev/fd/{descriptor}", "two");
        }

        Assert.Equal("before one two", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void What_killed_runs_left_is_removed_but_not_what_a_living_run_writes_nor_files_of_others()
    {
        string dead = LeftOvers.NewPath(_folder), alive = LeftOvers.NewPath(_folder), foreign = Path.Combine(_folder, ".tessera.notes.tmp");
        File.WriteAllText(dead, "half");
        File.WriteAllText(foreign, "mine");
        using (FileStream living = DiskCalls.Real.Create(alive, isPrivate: false))
        {
            AtomicFile.WriteText(Path.Combine(_folder, "file"), "x");
        }

        Assert.Equal(new[] { alive, foreign, Path.Combine(_folder, "file") }.Order(), Directory.GetFiles(_folder).Order());
    }

    [UnixFact]
    public void A_link_named_like_a_left_over_is_left_alone_with_what_it_leads_to()
    {
        string victim = Path.Combine(_folder, "victim"), planted = LeftOvers.NewPath(_folder);
        File.WriteAllText(victim, "mine");
        File.CreateSymbolicLink(planted, victim);
        AtomicFile.WriteText(Path.Combine(_folder, "file"), "x");
        Assert.Equal("mine", File.ReadAllText(victim));
        Assert.NotNull(new FileInfo(planted).LinkTarget);
    }

    [Fact]
    public void A_name_of_the_greatest_length_is_written()
    {
        string path = Path.Combine(_folder, new string('n', 255));
        AtomicFile.WriteText(path, "one");
        AtomicFile.WriteText(path, "two");
        Assert.Equal("two", File.ReadAllText(path));
        string tooLong = Path.Combine(_folder, new string('n', 256));
        Assert.Contains(tooLong, Assert.Throws<BadFileException>(() => AtomicFile.WriteText(tooLong, "x")).Message);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void What_is_no_path_is_a_bad_file(string path) => Assert.Contains("no path", Assert.Throws<BadFileException>(() => AtomicFile.WriteText(path, "x")).Message);

    [Fact]
    public void A_folder_in_the_way_is_named_and_kept()
    {
        string path = Path.Combine(_folder, "folder");
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "inside"), "x");
        foreach (string form in new[] { path, path + "/", Path.Combine(_folder, "none") + "/" })
        {
            Assert.Contains("is a folder", Assert.Throws<BadFileException>(() => AtomicFile.WriteText(form, "y")).Message);
        }

        Assert.Equal("x", File.ReadAllText(Path.Combine(path, "inside")));
    }

    [UnixFact]
    public void Another_hard_link_keeps_the_old_content()
    {
        string path = Path.Combine(_folder, "file"), other = Path.Combine(_folder, "other");
        File.WriteAllText(path, "old");
        using (var link = System.Diagnostics.Process.Start("ln", [path, other]))
        {
            link.WaitForExit();
        }

        AtomicFile.WriteText(path, "new");
        Assert.Equal(("new", "old"), (File.ReadAllText(path), File.ReadAllText(other)));
    }
}
