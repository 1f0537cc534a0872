namespace Tessera.Cli.Tests;

/// <summary>A temporary folder of configuration files.</summary>
public sealed class ConfigFolder : IDisposable
{
    public ConfigFolder() => Root = Directory.CreateTempSubdirectory("tessera-cli-").FullName;

    public string Root { get; }

    /// <summary>Writes a file, its text without the indentation of a raw string.</summary>
    public string Write(string name, string text)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
