using Tessera.Core;

namespace Tessera.Cli.Configuration;

/// <summary>Reads a configuration file with the files it is based on.</summary>
public static class ConfigFile
{
    private const string BaseKey = "base";

    /// <summary>
    /// Reads a file: the files that its <c>base</c> key names (relative to the file) are merged from left to right, then its own keys, then the overrides.
    /// </summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">What followed each <c>--set</c>.</param>
    /// <exception cref="UsageException">A file is missing, is not YAML, is no map, or is based on itself.</exception>
    public static ConfigMap Load(string path, IReadOnlyList<string> overrides)
    {
        ConfigMap config = Load(path, null, []);
        foreach (string text in overrides)
        {
            config = ConfigOverride.Apply(config, text);
        }

        return config;
    }

    private static ConfigMap Load(string path, ConfigSource? named, List<string> chain)
    {
        string full = Path.GetFullPath(path);
        if (chain.Contains(full))
        {
            throw new UsageException($"{named}: the configuration is based on itself: {string.Join(" -> ", chain.Append(full).Select(Shown))}. Remove one of these base entries.");
        }

        string text;
        try
        {
            text = File.ReadAllText(full);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            string place = named is null ? "" : $"{named}: ";
            string what = File.Exists(full) ? fault.Message : "there is no such file.";
            throw new UsageException($"{place}cannot read the configuration {Shown(full)}: {what}", fault);
        }

        string shown = Shown(full);
        if (ConfigYaml.Parse(text, line => new ConfigSource(shown, line)) is not ConfigMap own)
        {
            throw new UsageException($"{shown}: a configuration is a map of keys, such as task_name: streets.");
        }

        ConfigMap config = new([], own.Source);
        foreach (ConfigScalar below in Bases(own))
        {
            string file = Path.Combine(Path.GetDirectoryName(full)!, below.Text);
            config = ConfigMerge.Merge(config, Load(file, below.Source, [.. chain, full]));
        }

        return ConfigMerge.Merge(config, own.Without(BaseKey));
    }

    private static IEnumerable<ConfigScalar> Bases(ConfigMap own) => own[BaseKey] switch
    {
        null => [],
        ConfigScalar one => [one],
        ConfigList list when list.Items.All(item => item is ConfigScalar) => list.Items.Cast<ConfigScalar>(),
        { } other => throw new UsageException($"{other.Source}: base must be a file name or a list of file names."),
    };

    /// <summary>The path as a reader wants to see it: relative to the current folder where it lies below.</summary>
    private static string Shown(string full)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, full);
        return relative.StartsWith("..", StringComparison.Ordinal) ? full : relative;
    }
}
