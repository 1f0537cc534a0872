namespace Tessera.Data.Tests;

/// <summary>The real street images that lie beside the repository on development machines.</summary>
public static class SampleData
{
    public static string RepositoryRoot { get; } = FindRoot();

    public static string Kitti { get; } = Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", "data", "kitti"));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tessera.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Tessera.slnx.");
    }
}

/// <summary>A test on the real images; skipped where they are absent.</summary>
public sealed class RequiresSampleFactAttribute : FactAttribute
{
    public RequiresSampleFactAttribute()
    {
        if (!Directory.Exists(SampleData.Kitti))
        {
            Skip = $"The real sample {SampleData.Kitti} is not on this machine.";
        }
    }
}
