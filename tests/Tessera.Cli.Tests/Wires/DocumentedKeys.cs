using System.Text.RegularExpressions;
using Tessera.Cli.Configuration;
using Tessera.Data;
using Tessera.Graphs.Models;
using Tessera.Training;

namespace Tessera.Cli.Tests.Wires;

/// <summary>The configuration's keys as docs/commands.md has them, and as the program has them.</summary>
public static partial class DocumentedKeys
{
    /// <summary>The keys of the page's table. A transform's key bears the transform's name: <c>data_loader.transforms.SegRandomAffine.scale</c>.</summary>
    public static IReadOnlyList<string> OfPage()
    {
        string page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Cli.Config("x"))!, "..", "..", "docs", "commands.md"));
        var keys = new List<string>();
        foreach (string row in page.Split("| key | default | meaning |")[1].Split('\n').Skip(2).TakeWhile(line => line.StartsWith('|')))
        {
            string cell = row.Split('|')[1];
            string parent = Transform().Match(cell) is { Success: true } transform ? $"data_loader.transforms.{transform.Groups[1].Value}" : "";
            foreach (Match span in Code().Matches(cell))
            {
                string key = span.Groups[1].Value;
                key = key.StartsWith('.') ? parent + key : key;
                parent = key.Contains('.', StringComparison.Ordinal) ? key[..key.LastIndexOf('.')] : "";
                keys.AddRange(key.EndsWith('…') ? Alike(parent, keys) : [key]);
            }
        }

        return keys;
    }

    /// <summary>The keys of resolved configurations, each once, in the same spelling: of every type that can stand somewhere, one at least.</summary>
    public static IReadOnlyList<string> OfProgram() => [.. Variants.SelectMany(variant =>
    {
        TesseraConfig config = TesseraConfig.Load(Cli.Config("unet_mobilenetv1_cityscapes.yaml"), variant);
        return Below("", ConfigYaml.Parse(config.ResolvedYaml, _ => default));
    }).Distinct()];

    /// <summary>Overrides that name the types which the Cityscapes configuration does not.</summary>
    private static IEnumerable<string[]> Variants =>
    [
        .. SegmentationModels.Table.Recipes.Select(recipe => new[] { $"model={{type: {recipe.Name}}}" }),
        [KeyWires.Transforms([.. Augmentations.Table.Recipes.Select(recipe => $"{{type: {recipe.Name}}}")])],
        .. LearningRateSchedules.Table(1).Recipes.Select(recipe => new[] { $"float_trainer.lr_updater={{type: {recipe.Name}}}", $"qat_trainer.lr_updater={{type: {recipe.Name}}}" }),
        .. SegmentationLosses.Table(null).Recipes.Select(recipe => new[] { $"model.losses={{type: {recipe.Name}}}" }),
        .. Optimizers.Table.Recipes.Select(recipe => new[] { $"float_trainer.optimizer={{type: {recipe.Name}, lr: 1}}", $"qat_trainer.optimizer={{type: {recipe.Name}, lr: 1}}" }),
    ];

    private static IEnumerable<string> Alike(string section, IReadOnlyList<string> keys)
    {
        (string like, string[] without) = section switch
        {
            "qat_trainer" => ("float_trainer", Array.Empty<string>()),
            "val_data_loader" => ("data_loader", [.. Augmentations.Table.Recipes.Select(recipe => recipe.Name), "Scale"]),
            _ when section.EndsWith(".bn_kwargs", StringComparison.Ordinal) => ("model.bn_kwargs", []),
            _ => throw new InvalidOperationException($"docs/commands.md says that {section} is like another section; say here which."),
        };
        return [.. keys.Where(key => key.StartsWith(like + ".", StringComparison.Ordinal) && !without.Any(part => key.Contains(part, StringComparison.Ordinal))).Select(key => section + key[like.Length..])];
    }

    private static IEnumerable<string> Below(string key, ConfigNode node)
    {
        switch (node)
        {
            case ConfigMap map:
                return map.Entries.SelectMany(entry => Below(key.Length == 0 ? entry.Key : $"{key}.{entry.Key}", entry.Value));
            case ConfigList list when list.Items.All(item => item is ConfigMap):
                return list.Items.Cast<ConfigMap>().SelectMany(item => Below($"{key}.{((ConfigScalar)item["type"]!).Text}", item.Without("type"))).Prepend(key);
            default:
                return [key];
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("… (\\w+)")]
    private static partial Regex Transform();
}
