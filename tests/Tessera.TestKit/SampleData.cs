using Xunit;

namespace Tessera.TestKit;

/// <summary>Where the repository and the real street images beside it are.</summary>
public static class SampleData
{
    /// <summary>The repository's root: the folder that holds Tessera.slnx.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The folder of real images; it lies beside the repository and may be absent.</summary>
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", "data"));

    /// <summary>The KITTI sample in Cityscapes layout.</summary>
    public static string Kitti => Path.Combine(Folder, "kitti");

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Tessera.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Tessera.slnx.");
    }
}

/// <summary>A test that reads the real street images; skipped where they are absent.</summary>
public sealed class RequiresSampleFactAttribute : FactAttribute
{
    /// <summary>Sets the reason to skip when the folder is absent.</summary>
    public RequiresSampleFactAttribute()
    {
        if (!Directory.Exists(SampleData.Kitti))
        {
            Skip = $"The real street images are not at {SampleData.Kitti}.";
        }
    }
}

/// <summary>A test that takes minutes; it runs with <c>./test --long</c>.</summary>
public sealed class LongFactAttribute : FactAttribute
{
    /// <summary>Whether the long suites were asked for.</summary>
    public static bool Runs => Environment.GetEnvironmentVariable("TESSERA_LONG_TESTS") == "1";

    /// <summary>Sets the reason to skip unless the long suites were asked for, or the real images are absent.</summary>
    public LongFactAttribute(bool needsSample = false)
    {
        if (!Runs)
        {
            Skip = "A long test; run ./test --long.";
        }
        else if (needsSample && !Directory.Exists(SampleData.Kitti))
        {
            Skip = $"The real street images are not at {SampleData.Kitti}.";
        }
    }
}
