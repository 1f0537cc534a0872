using Tessera.Core;

namespace Tessera.Cli.Configuration;

/// <summary>Reads a configuration file with the files it is based on.</summary>
public static class ConfigFile
{
    private const string BaseKey = "base";

    // A configuration has three or four; many more are a mistake, and each costs a merge.
    private const int MaxBases = 64;

    /// <summary>
    /// Reads a file: the files that its <c>base</c> key names (relative to the file) are merged from left to right, then its own keys, then the overrides.
    /// </summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">What followed each <c>--set</c>.</param>
    /// <exception cref="UsageException">A file is missing, is not YAML, is no map, or is based on itself.</exception>
    public static ConfigMap Load(string path, IReadOnlyList<string> overrides)
    {
        ConfigMap config = new Chain().Load(path, null);
        foreach (string text in overrides)
        {
            config = ConfigOverride.Apply(config, text);
        }

        return HatLayout.Settle(config);
    }

    /// <summary>The path as a reader wants to see it: relative to the current folder where it lies below.</summary>
    private static string Shown(string full)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, full);
        return relative.StartsWith("..", StringComparison.Ordinal) ? full : relative;
    }

    private static IEnumerable<ConfigScalar> Bases(ConfigMap own)
    {
        ConfigScalar[]? names = own[BaseKey] switch
        {
            null => [],
            ConfigScalar one => [one],
            ConfigList list => [.. list.Items.OfType<ConfigScalar>()],
            _ => null,
        };
        return names is not null && names.All(name => !name.IsNull && name.Text.Length > 0) && (own[BaseKey] is not ConfigList all || all.Items.Length == names.Length)
            ? names
            : throw new UsageException($"{own[BaseKey]!.Source}: base must be a file name or a list of file names.");
    }

    /// <summary>The files of one configuration. Each is read once, however many others name it.</summary>
    private sealed class Chain
    {
        private readonly Dictionary<string, ConfigMap> _loaded = [];
        private readonly List<string> _open = [];
        private int _bases;

        public ConfigMap Load(string path, ConfigSource? named)
        {
            string place = named is null ? "" : $"{named}: ";
            string full = FullPath(path, place);
            if (_loaded.TryGetValue(full, out ConfigMap? known))
            {
                return known;
            }

            if (_open.Contains(full))
            {
                throw new UsageException($"{place}the configuration is based on itself: {string.Join(" -> ", _open.SkipWhile(file => file != full).Append(full).Select(Shown))}. Remove one of these base entries.");
            }

            _open.Add(full);
            ConfigMap config = Read(full, place);
            _open.Remove(full);
            return _loaded[full] = config;
        }

        private ConfigMap Read(string full, string place)
        {
            string shown = Shown(full);
            if (Path.GetExtension(full).Equals(".py", StringComparison.OrdinalIgnoreCase))
            {
                throw new UsageException($"{place}{shown} is a Python file. `tessera config import {shown} -o {Path.ChangeExtension(shown, ".yaml")}` makes a configuration of what it says.");
            }

            if (ConfigYaml.Parse(ConfigText.Read(full, shown, place), line => new ConfigSource(shown, line)) is not ConfigMap own)
            {
                throw new UsageException($"{shown}: a configuration is a map of keys, such as task_name: streets.");
            }

            ConfigMap config = new([], own.Source);
            foreach (ConfigScalar below in Bases(own))
            {
                if (++_bases > MaxBases)
                {
                    throw new UsageException($"{below.Source}: this is base file number {MaxBases + 1}; a configuration has at most {MaxBases} in all. Remove some of the base entries.");
                }

                config = ConfigMerge.Merge(config, Load(Path.Combine(Path.GetDirectoryName(full)!, below.Text), below.Source));
            }

            return ConfigMerge.Merge(config, HatLayout.Settle(own.Without(BaseKey)));
        }

        private static string FullPath(string path, string place)
        {
            try
            {
                return Path.GetFullPath(path);
            }
            catch (ArgumentException fault)
            {
                throw new UsageException($"{place}\"{Excerpt.Of(path)}\" is no path of a configuration: {fault.Message}", fault);
            }
        }
    }
}
