namespace Tessera.Architecture.Tests;

/// <summary>What applications compile against changes knowingly: each package's public members are in a file of this folder.</summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Packages => [.. Repository.SourceProjects.Where(project => project.IsPackage).Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_members_of_a_package_are_those_of_its_file(string package)
    {
        const string Folder = "tests/Tessera.Architecture.Tests/PublicApi";
        string kept = Path.Combine(Repository.Root, Folder, $"{package}.txt"), now = Path.Combine(Repository.Root, "artifacts", "public-api", $"{package}.txt");
        IReadOnlyList<string> lines = PublicApi.Of(Repository.SourceProjects.Single(project => project.Name == package).AssemblyPath);
        Assert.NotEmpty(lines);
        string[] before = File.Exists(kept) ? File.ReadAllLines(kept) : [];
        if (before.SequenceEqual(lines))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(now)!);
        File.WriteAllLines(now, lines);
        Assert.Fail($"The public members of {package} have changed:\n{string.Join('\n', before.Except(lines).Select(line => $"- {line}").Concat(lines.Except(before).Select(line => $"+ {line}")))}\n"
            + $"If that is meant: cp artifacts/public-api/{package}.txt {Folder}/");
    }
}
