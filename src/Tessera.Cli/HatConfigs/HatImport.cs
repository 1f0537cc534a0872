using System.Collections.Immutable;
using Tessera.Cli.Configuration;
using Tessera.Core;
using Tessera.Graphs.Models;

namespace Tessera.Cli.HatConfigs;

/// <summary>A configuration made of a HAT file: what the file says, on top of the tutorial's configuration.</summary>
/// <param name="Yaml">The whole configuration.</param>
/// <param name="Remarks">What of the file is not in it, each with its place.</param>
internal sealed record HatImport(string Yaml, ImmutableArray<string> Remarks)
{
    private const string Base = "segmentation/unet_mobilenetv1_cityscapes.yaml";

    // Each round leaves something out; a file has not so many keys that are wrong one after another.
    private const int MaxRounds = 50;

    // Another network than these cannot be imported as one of them.
    private static readonly string[] Kinds = ["model.type", "model.backbone.type", "model.neck.type", "model.head.type"];

    /// <summary>Reads a HAT file.</summary>
    /// <param name="path">The Python file.</param>
    /// <exception cref="UsageException">The file cannot be read, is no Python, defines no training, or has another network; the message names line and column.</exception>
    public static HatImport Read(string path)
    {
        var faults = new PythonFaults(path);
        IReadOnlyDictionary<string, PythonValue> variables = PythonFile.Read(ConfigText.Read(Path.GetFullPath(path), path, "", "HAT configuration", "Python"), faults);
        ConfigMap own = HatLayout.Settle(new HatTraining(variables, new HatValues(path, faults), faults).Collect());
        own = HatTraining.WithInputSize(own);
        ConfigMap below = ConfigFile.Load(ShippedConfig.Find(Base), []);
        for (int round = 0; round < MaxRounds; round++)
        {
            ConfigMap config = ConfigMerge.Merge(below, own);
            (_, ConfigMap resolved, IReadOnlyList<ConfigProblem> problems) = ConfigSection.Judge(config, section => TesseraConfig.Read(section, SegmentationModels.Table));
            if (problems.Count == 0)
            {
                return new HatImport(Text(path, resolved, faults.Remarks), [.. faults.Remarks]);
            }

            own = Without(own, problems, faults) ?? throw ConfigProblems.Fault(problems);
        }

        throw new UsageException($"{path}: too many of its keys are not Tessera's. Write a YAML file on top of configs/{Base}.");
    }

    /// <summary>The configuration without the keys that are wrong, each with a remark; null where that mends nothing.</summary>
    private static ConfigMap? Without(ConfigMap own, IReadOnlyList<ConfigProblem> problems, PythonFaults faults)
    {
        bool isMended = false;
        foreach (ConfigProblem problem in problems.OrderByDescending(problem => InOrder(problem.Path), StringComparer.Ordinal)) // of a list the later items first
        {
            if (Kinds.Contains(problem.Path))
            {
                throw new UsageException(problem.Text);
            }

            if (Remove(own, problem.Path.Split('.')) is { } less)
            {
                faults.Remarks.Add($"{problem.Text} It is left out.");
                (own, isMended) = ((ConfigMap)less, true);
            }
        }

        return isMended ? own : null;
    }

    /// <summary>A path whose numbers are in the order of their values as text.</summary>
    private static string InOrder(string path) => string.Join('.', path.Split('.').Select(part => part.PadLeft(int.TryParse(part, out _) ? 10 : 0, '0')));

    /// <summary>The value without what lies at a path; null where nothing does.</summary>
    private static ConfigNode? Remove(ConfigNode? node, ReadOnlySpan<string> path)
    {
        switch (node)
        {
            case ConfigMap map:
                for (int parts = 1; parts <= path.Length; parts++) // a key may hold dots itself
                {
                    string key = string.Join('.', path[..parts].ToArray());
                    ConfigNode? value = map[key], less = value is null || parts == path.Length ? null : Remove(value, path[parts..]);
                    if (value is not null && (less is not null || parts == path.Length))
                    {
                        return less is null ? map.Without(key) : map.With(new ConfigEntry(key, less, value.Source));
                    }
                }

                return null;
            case ConfigList list when int.TryParse(path[0], out int index) && index < list.Items.Length:
                return path.Length == 1 ? list with { Items = list.Items.RemoveAt(index) }
                    : Remove(list.Items[index], path[1..]) is { } rest ? list with { Items = list.Items.SetItem(index, rest) }
                    : null;
            default:
                return null;
        }
    }

    private static string Text(string path, ConfigMap resolved, IEnumerable<string> remarks)
    {
        string Comment(string text) => $"# {Terminal.Visible.Of(text).ReplaceLineEndings(" ")}\n";
        string head = Comment($"Made of {path} by `tessera config import`. What that file does not say is the tutorial's.");
        return head + string.Concat(remarks.Select(remark => Comment($"Not taken over: {remark}"))) + ConfigYaml.Print(resolved);
    }
}
