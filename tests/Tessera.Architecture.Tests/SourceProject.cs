using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Tessera.Architecture.Tests;

/// <summary>A project under src: what its csproj names, and what its compiled assembly really uses.</summary>
public sealed class SourceProject
{
    private readonly XDocument _document;

    public SourceProject(string path)
    {
        Name = Path.GetFileNameWithoutExtension(path);
        _document = XDocument.Load(path);
        string assembly = _document.Descendants("AssemblyName").SingleOrDefault()?.Value ?? Name;
        AssemblyPath = Path.Combine(Repository.Root, "artifacts", "bin", Name, Repository.Configuration, assembly + ".dll");
    }

    /// <summary>The project's name, such as "Tessera.Core".</summary>
    public string Name { get; }

    /// <summary>Where the build puts the assembly.</summary>
    public string AssemblyPath { get; }

    /// <summary>Whether applications take it from a package feed.</summary>
    public bool IsPackage => _document.Descendants("Import").Any(import => import.Attribute("Project")!.Value.EndsWith("Package.props", StringComparison.Ordinal));

    /// <summary>The names of the projects that the csproj references, sorted.</summary>
    public IReadOnlyList<string> ProjectReferences =>
        [.. Includes("ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).Order(StringComparer.Ordinal)];

    /// <summary>The ids of the packages that the csproj references, sorted.</summary>
    public IReadOnlyList<string> PackageReferences => [.. Includes("PackageReference").Order(StringComparer.Ordinal)];

    /// <summary>The names of the assemblies that the compiled assembly uses types of.</summary>
    public IReadOnlyList<string> UsedAssemblies() => Read(metadata =>
        metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)));

    /// <summary>The names of the types that the source declares, nested ones included, without the compiler's own.</summary>
    public IReadOnlyList<string> DeclaredTypes() => Read(metadata =>
        metadata.TypeDefinitions.Select(handle => metadata.GetString(metadata.GetTypeDefinition(handle).Name)).Where(name => !name.StartsWith('<')));

    private IEnumerable<string> Includes(string element) =>
        _document.Descendants(element).Select(item => item.Attribute("Include")!.Value);

    private string[] Read(Func<MetadataReader, IEnumerable<string>> select)
    {
        Assert.True(File.Exists(AssemblyPath), $"{AssemblyPath} is not built.");
        using FileStream stream = File.OpenRead(AssemblyPath);
        using var image = new PEReader(stream);
        return [.. select(image.GetMetadataReader())];
    }
}
