namespace Tessera.Architecture.Tests;

public sealed class ReferenceTests
{
    private static readonly string FrameworkFolder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    [Fact]
    public void Every_source_project_has_a_place_in_the_architecture()
    {
        Assert.NotEmpty(Repository.SourceProjects);
        Assert.Equal(
            AllowedReferences.Projects.Keys.Order(StringComparer.Ordinal), Repository.SourceProjects.Select(project => project.Name));
    }

    [Fact]
    public void Projects_reference_exactly_what_the_architecture_allows()
    {
        int references = 0;
        foreach (SourceProject project in Repository.SourceProjects)
        {
            string expected = string.Join(", ", AllowedReferences.Projects[project.Name]);
            string actual = string.Join(", ", project.ProjectReferences);
            Assert.True(expected == actual, $"{project.Name} references [{actual}], allowed is [{expected}].");
            references += project.ProjectReferences.Count;
        }

        Assert.True(references > 0);
    }

    [Fact]
    public void Each_heavy_package_is_named_by_one_project()
    {
        int packages = 0;
        var violations = new List<string>();
        foreach (SourceProject project in Repository.SourceProjects)
        {
            packages += project.PackageReferences.Count;
            violations.AddRange(project.PackageReferences.Except(AllowedReferences.Packages.GetValueOrDefault(project.Name, []))
                .Select(package => $"{project.Name} names the package {package}."));
        }

        Repository.AssertNone(violations);
        Assert.True(packages > 0);
    }

    [Fact]
    public void Nothing_adds_references_to_all_projects_at_once()
    {
        string[] shared = ["Directory.Build.props", "src/Directory.Build.props"];
        Repository.AssertNone([.. shared.Where(file =>
            File.ReadAllText(Path.Combine(Repository.Root, file)) is var text
            && (text.Contains("<PackageReference", StringComparison.Ordinal) || text.Contains("<ProjectReference", StringComparison.Ordinal)))]);
    }

    [Fact]
    public void Compiled_code_uses_no_project_and_no_package_it_may_not_name()
    {
        int used = 0;
        var violations = new List<string>();
        foreach (SourceProject project in Repository.SourceProjects)
        {
            HashSet<string> allowed =
            [
                .. AllowedReferences.Projects[project.Name], .. AllowedReferences.PackageAssemblies.GetValueOrDefault(project.Name, []),
            ];
            IReadOnlyList<string> assemblies = project.UsedAssemblies();
            Assert.Contains("System.Runtime", assemblies);
            string[] beyondFramework =
                [.. assemblies.Where(assembly => !File.Exists(Path.Combine(FrameworkFolder, assembly + ".dll")))];
            used += beyondFramework.Length;
            violations.AddRange(beyondFramework.Where(assembly => !allowed.Contains(assembly))
                .Select(assembly => $"{project.Name} uses types of {assembly}."));
        }

        Repository.AssertNone(violations);
        Assert.True(used > 0);
    }
}
