using Tessera.Core;

namespace Tessera.Cli.Configuration;

/// <summary>The configurations that come with the program: in the repository, or beside a published program.</summary>
internal static class ShippedConfig
{
    /// <summary>Finds one.</summary>
    /// <param name="name">The file's path below <c>configs/</c>.</param>
    /// <exception cref="UsageException">The program was moved away from its configurations.</exception>
    public static string Find(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "configs", name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new UsageException($"configs/{name} is neither beside the program in {AppContext.BaseDirectory} nor above it. Give a configuration with -c.");
    }
}
