using System.Collections;
using Tessera.Cli.Diagnostics;

namespace Tessera.Cli.Tests.Diagnostics;

/// <summary>Reading what systems say of themselves.</summary>
public sealed class FactTests
{
    private const string MemInfo = "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    6000000 kB\n";

    [Theory]
    [InlineData("PRETTY_NAME=\"Debian GNU/Linux 12\"\nVERSION_ID=\"12\"\nID=debian\n", "debian", "12")]
    [InlineData("ID_LIKE=debian\nID=ubuntu\nVERSION_ID=\"22.04\"", "ubuntu", "22.04")]
    [InlineData("ID='arch'", "arch", "")]
    [InlineData("", "", "")]
    public void The_distribution_is_read(string text, string id, string version) => Assert.Equal(new OsRelease(id, version), OsRelease.Parse(text));

    // The files of a machine without control groups, of version 2 and 1, in a container and nested in groups of their own.
    public static TheoryData<string, long, long, long?> Machines() => new()
    {
        { "", 8_192_000_000, 6_144_000_000, null },
        { "2 /|max 5000", 8_192_000_000, 6_144_000_000, null },
        { "1 /|9223372036854771712 5000", 8_192_000_000, 6_144_000_000, null },
        { "2 /|2000000000 1500000000 500000000", 2_000_000_000, 1_000_000_000, 2_000_000_000 },
        { "1 /|2000000000 1500000000 500000000", 2_000_000_000, 1_000_000_000, 2_000_000_000 },
        { "2 /|2000000000 2500000000 0", 2_000_000_000, 0, 2_000_000_000 },
        { "2 /|8000000000 0 0", 8_000_000_000, 6_144_000_000, 8_000_000_000 },
        { "2 /a/b|/a/b=3000000000 1000000000 0", 3_000_000_000, 2_000_000_000, 3_000_000_000 },
        { "2 /a/b|/a/b=max 1 0|/a=3000000000 1000000000 0", 3_000_000_000, 2_000_000_000, 3_000_000_000 },
        { "1 /a/b|/a/b=4000000000 1 0|/a=3000000000 2500000000 0", 3_000_000_000, 500_000_000, 3_000_000_000 },
        { "2 /a/b|/a/b=3000000000 1000 0|/a=4000000000 3900000000 0", 3_000_000_000, 100_000_000, 3_000_000_000 },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void Memory_is_what_the_process_and_every_group_above_it_leave(string machine, long total, long available, long? limit)
    {
        Dictionary<string, string> files = FilesOf(machine);
        Assert.Equal(new MemoryFacts(total, available, limit), MemoryFacts.Of(MemInfo, ControlGroups.MemoryLimits(path => files.GetValueOrDefault(path))));
    }

    [Fact]
    public void A_group_that_is_mounted_as_root_of_a_container_is_found()
    {
        var files = new Dictionary<string, string>
        {
            ["/proc/self/cgroup"] = "9:cpu,cpuacct:/docker/1f\n5:memory:/docker/1f\n0::/docker/1f\n",
            ["/proc/self/mountinfo"] = "40 31 0:35 /docker/1f /sys/fs/cgroup/memory ro,nosuid shared:9 - cgroup cgroup rw,memory\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
            ["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "1000000000\n",
            ["/sys/fs/cgroup/memory/memory.usage_in_bytes"] = "400000000\n",
            ["/sys/fs/cgroup/memory/memory.stat"] = "cache 1\ninactive_file 100000000\n",
        };
        Assert.Equal([new GroupMemory(1_000_000_000, 700_000_000)], ControlGroups.MemoryLimits(path => files.GetValueOrDefault(path)));
    }

    [Fact]
    public void Above_memory_high_a_group_has_nothing_left()
    {
        Dictionary<string, string> files = FilesOf("2 /a|/a=max 1000000000 0");
        files["/cg/a/memory.high"] = "900000000\n";
        Assert.Equal([new GroupMemory(900_000_000, 0)], ControlGroups.MemoryLimits(path => files.GetValueOrDefault(path)));
    }

    [Theory]
    [InlineData("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n", "Some CPU @ 2 GHz")]
    [InlineData("processor\t: 0\nBogoMIPS\t: 48.00\nModel\t\t: Raspberry Pi 5\n", "Raspberry Pi 5")]
    [InlineData("processor\t: 0\nCPU part\t: 0xd0c\n", null)]
    public void The_processors_name_is_read(string text, string? expected) => Assert.Equal(expected, ProcessorFacts.NameIn(text));

    [Fact]
    public void Only_switches_that_turn_something_off_are_reported() =>
        Assert.Equal(["DOTNET_EnableAVX2=0", "DOTNET_EnableAVX512=0"], ProcessorFacts.SwitchesOf(new Hashtable
        {
            ["DOTNET_EnableAVX512"] = "0",
            ["DOTNET_EnableAVX2"] = "0",
            ["DOTNET_EnableAVX"] = "1",
            ["DOTNET_TieredPGO"] = "0",
            ["PATH"] = "0",
        }));

    [Theory]
    [InlineData("\0GLIBCXX_3.4\0GLIBCXX_3.4.9\0GLIBCXX_3.4.30\0GLIBCXX_3.4.4\0CXXABI_1.3.13\0", "3.4.30")]
    [InlineData("GLIBCXX_3.4.32", "3.4.32")]
    [InlineData("GLIBCXX_TUNABLES\0GLIBCXX_3.4.1\0GLIBCXX_", "3.4.1")]
    [InlineData("nothing", null)]
    public void The_newest_version_of_libstdcxx_is_the_largest_number(string content, string? expected) =>
        Assert.Equal(expected is null ? null : new Version(expected), StandardLibraryFacts.NewestVersion(System.Text.Encoding.ASCII.GetBytes(content)));

    [Fact]
    public void Programs_are_found_as_a_shell_finds_them()
    {
        string path = string.Join(Path.PathSeparator, "/a", "", "/b");
        string[] files = [Name("/b", "mpirun"), Name("/a", "mpiexec")];
        Assert.Equal(files[0], Executables.Find(path, files.Contains, "mpirun", "mpiexec"));
        Assert.Equal(files[1], Executables.Find(path, files[1].Equals, "mpirun", "mpiexec"));
        Assert.Null(Executables.Find(null, _ => true, "mpirun"));

        static string Name(string folder, string program) => Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program);
    }

    [Fact]
    public void A_folder_that_is_not_there_cannot_be_written()
    {
        FolderFacts facts = FolderFacts.Gather(Path.Combine(Path.GetTempPath(), "tessera", Guid.NewGuid().ToString()));
        Assert.NotNull(facts.WriteFault);
        string here = Directory.CreateTempSubdirectory("tessera-doctor-").FullName;
        Assert.Null(FolderFacts.Gather(here).WriteFault);
        Assert.Empty(Directory.EnumerateFileSystemEntries(here));
        Directory.Delete(here);
    }

    [Theory]
    [InlineData(0, "0 MiB")]
    [InlineData(1023 * ByteCount.MiB, "1023 MiB")]
    [InlineData(1536 * ByteCount.MiB, "1.5 GiB")]
    internal void Bytes_are_written_for_people(long bytes, string expected) => Assert.Equal(expected, ByteCount.Text(bytes));

    /// <summary>Files of a machine that is written as <c>VERSION GROUP|FOLDER=LIMIT USED CACHE|...</c>; no folder means the root.</summary>
    private static Dictionary<string, string> FilesOf(string machine)
    {
        var files = new Dictionary<string, string>();
        if (machine.Length == 0)
        {
            return files;
        }

        string[] parts = machine.Split('|');
        bool isVersion2 = parts[0][0] == '2';
        files["/proc/self/cgroup"] = isVersion2 ? $"0::{parts[0][2..]}\n" : $"4:memory:{parts[0][2..]}\n";
        files["/proc/self/mountinfo"] = $"30 23 0:28 / /cg rw - {(isVersion2 ? "cgroup2 none rw" : "cgroup none rw,memory")}\n";
        foreach (string part in parts[1..])
        {
            string[] halves = part.Contains('=') ? part.Split('=') : ["", part];
            string[] numbers = halves[1].Split(' ');
            files[$"/cg{halves[0]}/{(isVersion2 ? "memory.max" : "memory.limit_in_bytes")}"] = numbers[0] + "\n";
            files[$"/cg{halves[0]}/{(isVersion2 ? "memory.current" : "memory.usage_in_bytes")}"] = numbers[1] + "\n";
            files[$"/cg{halves[0]}/memory.stat"] = numbers.Length > 2 ? $"anon 1\ninactive_file {numbers[2]}\n" : "anon 1\n";
        }

        return files;
    }
}
