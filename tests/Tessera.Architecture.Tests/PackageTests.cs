using System.Diagnostics;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Xml.Linq;

namespace Tessera.Architecture.Tests;

/// <summary>What the packages hold that an application takes from a feed, read from packed files.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE"); // Portable PDB specification, custom debug information

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tessera-pack-");

    public static TheoryData<string> Packages => ["Tessera.Core", "Tessera.Imaging", "Tessera.Program", "Tessera.Runtime"];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_brings_licence_readme_documentation_commit_and_sources_for_the_debugger(string project)
    {
        Pack(project);

        using ZipArchive package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(_folder.FullName, "*.nupkg")));
        XElement metadata = XDocument.Load(Entry(package, $"{project}.nuspec")).Root!.Elements().Single();
        XElement Of(string name) => metadata.Elements().Single(element => element.Name.LocalName == name);
        Assert.Equal("MIT", Of("license").Value);
        Assert.Equal("README.md", Of("readme").Value);
        Assert.NotNull(package.GetEntry("README.md"));
        Assert.NotNull(package.GetEntry($"lib/net10.0/{project}.xml"));
        if (Repository.IsTracked)
        {
            Assert.Matches("^[0-9a-f]{40}$", Of("repository").Attribute("commit")?.Value);
        }

        using ZipArchive symbols = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(_folder.FullName, "*.snupkg")));
        var documents = new List<string>();
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(Entry(symbols, $"lib/net10.0/{project}.pdb"));
        MetadataReader reader = provider.GetMetadataReader();
        foreach (DocumentHandle handle in reader.Documents)
        {
            string name = reader.GetString(reader.GetDocument(handle).Name);
            Assert.StartsWith("/_/", name, StringComparison.Ordinal); // no folder of the machine that built it
            Assert.Contains(reader.GetCustomDebugInformation(handle), info => reader.GetGuid(reader.GetCustomDebugInformation(info).Kind) == EmbeddedSource);
            documents.Add(name);
        }

        Assert.NotEmpty(documents);
    }

    private static MemoryStream Entry(ZipArchive archive, string name)
    {
        var copy = new MemoryStream();
        using Stream entry = archive.GetEntry(name)!.Open();
        entry.CopyTo(copy);
        copy.Position = 0;
        return copy;
    }

    private void Pack(string project)
    {
        string[] arguments = ["pack", Path.Combine("src", project), "--no-build", "--configuration", Repository.Configuration, "--output", _folder.FullName];
        using Process dotnet = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true })!;
        string output = dotnet.StandardOutput.ReadToEnd();
        dotnet.WaitForExit();
        Assert.True(dotnet.ExitCode == 0, output);
    }
}
