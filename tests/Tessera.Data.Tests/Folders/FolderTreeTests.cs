using System.Diagnostics;
using System.Net.Sockets;
using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Folders;

public sealed class FolderTreeTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Files_are_listed_in_ordinal_order_with_their_folders()
    {
        Write("b.png", "B.png", "a/2.png", "a/10.png", "a-1.png");
        FolderTree tree = FolderTree.Read(_root.Path);
        Assert.Equal(["B.png", "a-1.png", "a/10.png", "a/2.png", "b.png"], tree.Files);
        Assert.Empty(tree.Skipped);
        Assert.Equal(["a"], FolderTree.Subfolders(_root.Path));
    }

    [Fact]
    public void Hidden_and_side_files_and_folders_are_skipped()
    {
        Write("a.png", "._a.png", ".DS_Store", "thumbs.db", "__MACOSX/b.png", "x/@eaDir/c.png", ".git/d.png");
        FolderTree tree = FolderTree.Read(_root.Path);
        Assert.Equal(["a.png"], tree.Files);
        Assert.Equal([".DS_Store", "._a.png", ".git", "__MACOSX", "thumbs.db", "x/@eaDir"], tree.Skipped.Select(entry => Path.GetRelativePath(_root.Path, entry.Path)));
        Assert.All(tree.Skipped, entry => Assert.Equal((SkipReason.Hidden, false), (entry.Reason, entry.IsFault)));
        Assert.Equal($"6 hidden or side entries skipped: {_root.Combine(".DS_Store")}, {_root.Combine("._a.png")}, {_root.Combine(".git")}, …", Assert.Single(SkippedEntry.Notes(tree.Skipped)));
        Assert.Equal(["x"], FolderTree.Subfolders(_root.Path));
    }

    [Fact]
    public void A_folder_that_is_listed_through_a_link_is_that_folder()
    {
        Write("data/a.png", "data/sub/b.png");
        Link("data/sub/up", "../../data");
        Link("entry", "data");
        Assert.Equal(["a.png", "sub/b.png"], FolderTree.Read(_root.Combine("entry")).Files);
        Assert.Equal(["b.png"], FolderTree.Read(_root.Combine("entry", "sub")).Files);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../data")]
    [InlineData("sub")]
    [InlineData("second")]
    public void A_link_into_a_cycle_or_to_a_listed_folder_is_not_followed(string target)
    {
        Write("data/a.png", "data/sub/b.png", "other/c.png");
        Link("data/first", target);
        Link("data/second", "first");
        FolderTree tree = FolderTree.Read(_root.Combine("data"));
        Assert.Equal(["a.png", "sub/b.png"], tree.Files);
        Assert.Equal(["first", "second"], tree.Skipped.Select(entry => Path.GetFileName(entry.Path)));
    }

    [Fact]
    public void A_folder_elsewhere_is_listed_once_however_many_links_lead_to_it()
    {
        Write("pool/a.png", "pool/sub/b.png", "data/c.png");
        Link("data/y", "../pool");
        Link("data/x", _root.Combine("pool"));
        Link("data/z", "../pool/sub");
        FolderTree tree = FolderTree.Read(_root.Combine("data"));
        Assert.Equal(["c.png", "x/a.png", "x/sub/b.png"], tree.Files);
        Assert.Equal([("y", SkipReason.Repeated), ("z", SkipReason.Repeated)], tree.Skipped.Select(entry => (Path.GetFileName(entry.Path), entry.Reason)));
        Assert.StartsWith("2 links to folders that are listed already skipped: ", Assert.Single(SkippedEntry.Notes(tree.Skipped)));
    }

    [Fact]
    public void Links_to_files_count_and_broken_ones_are_told()
    {
        Write("pool/a.png", "data/b.png");
        Link("data/a.png", "../pool/a.png");
        Link("data/gone.png", "nowhere");
        Link("data/turns.png", "turns.png");
        FolderTree tree = FolderTree.Read(_root.Combine("data"));
        Assert.Equal(["a.png", "b.png"], tree.Files);
        Assert.Equal([("gone.png", SkipReason.BrokenLink), ("turns.png", SkipReason.BrokenLink)], tree.Skipped.Select(entry => (Path.GetFileName(entry.Path), entry.Reason)));
        Assert.All(tree.Skipped, entry => Assert.True(entry.IsFault));
        Assert.Empty(SkippedEntry.Notes(tree.Skipped));
    }

    [RequiresLinuxFact]
    public void Pipes_and_sockets_are_no_files()
    {
        Write("a.png");
        Shell($"mkfifo '{_root.Combine("pipe.png")}'");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_root.Combine("socket.png")));
        Link("null.png", "/dev/null");
        FolderTree tree = FolderTree.Read(_root.Path);
        Assert.Equal(["a.png"], tree.Files);
        Assert.Equal(["null.png", "pipe.png", "socket.png"], tree.Skipped.Select(entry => Path.GetFileName(entry.Path)));
        Assert.All(tree.Skipped, entry => Assert.Equal((SkipReason.NoFile, true, false), (entry.Reason, entry.Hides(name => name.EndsWith(".png", StringComparison.Ordinal)), entry.Hides(_ => false))));
    }

    [RequiresLinuxFact]
    public void A_name_that_is_not_UTF8_is_told()
    {
        Write("é.png");
        Shell($"cd '{_root.Path}' && : > \"$(printf 'caf\\351.png')\" && mkdir \"$(printf 'st\\344dte')\"");
        FolderTree tree = FolderTree.Read(_root.Path);
        Shell($"rm -r '{_root.Path}'/*"); // .NET could not
        Assert.Equal(["é.png"], tree.Files);
        Assert.Equal([(SkipReason.BadName, false), (SkipReason.BadName, true)], tree.Skipped.Select(entry => (entry.Reason, entry.IsFolder)));
    }

    [RequiresLinuxFact]
    public void A_folder_that_cannot_be_read_is_told_and_the_others_are_listed()
    {
        // No right is denied to root, but no path is longer than 4095 bytes: the two halves are made apart and joined by a rename.
        string half = string.Join('/', Enumerable.Repeat(new string('d', 200), 12));
        Write("a.png", $"upper/{half}/b.png", $"lower/{half}/c.png");
        string joined = _root.Combine("upper", half, "lower");
        Directory.Move(_root.Combine("lower"), joined);
        FolderTree tree = FolderTree.Read(_root.Path);
        Directory.Move(joined, _root.Combine("lower"));
        Assert.Equal(["a.png", $"upper/{half}/b.png"], tree.Files);
        SkippedEntry skipped = Assert.Single(tree.Skipped);
        Assert.Equal((SkipReason.Unreadable, true, true), (skipped.Reason, skipped.IsFolder, skipped.Hides(_ => false)));
        Assert.Contains("too long", skipped.Problem);
    }

    [Fact]
    public void A_root_that_is_missing_or_no_folder_is_one_clear_error()
    {
        Write("file");
        foreach (string root in new[] { _root.Combine("gone"), _root.Combine("file") })
        {
            Assert.StartsWith($"Cannot read the folder {root}: ", Assert.Throws<BadFileException>(() => FolderTree.Read(root)).Message);
            Assert.StartsWith($"Cannot read the folder {root}: ", Assert.Throws<BadFileException>(() => FolderTree.Subfolders(root)).Message);
        }
    }

    [Theory]
    [InlineData("data/sub/up/sub", "data/sub")]
    [InlineData("data/loop", "data/loop")]
    [InlineData("data/sub/../gone/x", "data/gone/x")]
    public void A_real_path_has_no_links(string path, string expected)
    {
        Write("data/sub/b.png");
        Link("data/sub/up", "..");
        Link("data/loop", "loop");
        Assert.Equal(Path.Combine(RealPath.Of(_root.Path), expected), RealPath.Of(_root.Combine(path)));
    }

    [Fact]
    public void A_path_without_anything_says_why()
    {
        Write("file", "folder/x");
        Link("gone", "nowhere");
        Link("loop", "loop");
        Assert.Equal("does not exist", MissingPath.Reason(_root.Combine("none", "x")));
        Assert.Equal("does not exist", MissingPath.Reason(_root.Combine("file", "x")));
        Assert.Equal("is a file, not a folder", MissingPath.Reason(_root.Combine("file")));
        Assert.Equal("is a folder, not a file", MissingPath.Reason(_root.Combine("folder")));
        Assert.Equal("is a link whose target does not exist", MissingPath.Reason(_root.Combine("gone")));
        Assert.StartsWith("cannot be reached (", MissingPath.Reason(_root.Combine("loop", "x")));
        Assert.StartsWith("cannot be reached (", MissingPath.Reason(_root.Combine(new string('n', 300))));
    }

    private static void Shell(string command)
    {
        using Process process = Process.Start("sh", ["-c", command]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private void Write(params string[] files)
    {
        foreach (string file in files)
        {
            string path = _root.Combine(file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
        }
    }

    private void Link(string path, string target) => File.CreateSymbolicLink(_root.Combine(path), target);
}

/// <summary>A test that needs the folders of Linux.</summary>
public sealed class RequiresLinuxFactAttribute : FactAttribute
{
    public RequiresLinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "Needs Linux.";
}
