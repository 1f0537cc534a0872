using System.Globalization;
using Tessera.Quantization;
using Tessera.Quantization.Observers;

namespace Tessera.Cli.Configuration;

/// <summary>Observer rules as a configuration says them; read again they are the same rules.</summary>
internal static class ObserverRuleText
{
    /// <summary>The whole option <c>--set</c> that gives calibration these rules, as a shell takes it.</summary>
    public static string Option(IEnumerable<ObserverRule> rules) => $"--set \"{Override(rules)}\"";

    /// <summary>What follows <c>--set</c>.</summary>
    public static string Override(IEnumerable<ObserverRule> rules) => $"calibration_trainer.rules=[{string.Join(", ", rules.Select(Of))}]";

    private static string Of(ObserverRule rule)
    {
        List<string> keys = [];
        Add("nodes", rule.Nodes == "*" && rule.Op != ConvolutionKind.Any ? null : Quoted(rule.Nodes));
        Add("op", rule.Op == ConvolutionKind.Any ? null : CalibrationConfig.Ops.First(op => op.Value == rule.Op).Name);
        Add("activation_observer", Name(rule.ActivationObserver));
        Add("weight_observer", Name(rule.WeightObserver));
        Add("weight_scales", rule.WeightGranularity is { } granularity ? CalibrationConfig.Granularities.First(entry => entry.Value == granularity).Name : null);
        Add("percentile", rule.Percentile?.ToString("R", CultureInfo.InvariantCulture));
        Add("scale", rule.Scale?.ToString("R", CultureInfo.InvariantCulture));
        return $"{{{string.Join(", ", keys)}}}";

        void Add(string key, string? value)
        {
            if (value is not null)
            {
                keys.Add($"{key}: {value}");
            }
        }
    }

    private static string? Name(ObserverKind? kind) => kind is null ? null : ObserverTable.All.First(entry => entry.Kind == kind).Name;

    /// <summary>What could be anything but a plain word to YAML or a shell stands in quotes.</summary>
    private static string Quoted(string pattern) =>
        pattern.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-') ? pattern : $"'{pattern.Replace("'", "''", StringComparison.Ordinal)}'";
}
