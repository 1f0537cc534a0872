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

    [Theory]
    [InlineData(null, null, null, 8_192_000_000, 6_144_000_000, null)]
    [InlineData("max\n", "5000", "", 8_192_000_000, 6_144_000_000, null)]
    [InlineData("9223372036854771712\n", "5000", "", 8_192_000_000, 6_144_000_000, null)]
    [InlineData("2000000000\n", "1500000000\n", "anon 1\ninactive_file 500000000\n", 2_000_000_000, 1_000_000_000, 2_000_000_000L)]
    [InlineData("2000000000", "2500000000", "", 2_000_000_000, 0, 2_000_000_000L)]
    [InlineData("8000000000", "0", "", 8_000_000_000, 6_144_000_000, 8_000_000_000L)]
    public void Memory_is_what_the_container_leaves(string? limit, string? used, string? statistics, long total, long available, long? expectedLimit) =>
        Assert.Equal(new MemoryFacts(total, available, expectedLimit), MemoryFacts.Parse(MemInfo, limit, used, statistics));

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
}
