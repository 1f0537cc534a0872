using System.Collections.Immutable;
using System.Globalization;
using Tessera.Compiler;

namespace Tessera.Cli.Terminal;

/// <summary>Shows which layers a march pads, and which channels would use what is computed anyway.</summary>
internal static class PaddingReport
{
    private const int ShownLayers = 12;

    /// <summary>Writes a row for each of the layers that lose the most.</summary>
    public static void Write(CommandConsole console, March march, ImmutableArray<ChannelAdvice> advice)
    {
        if (advice.IsEmpty)
        {
            console.Out.WriteLine($"Channels: every layer fills the multiples of march {march.Name}; nothing is padded.");
            return;
        }

        TextTable table = console.NewTable();
        table.AddColumns("padded layer", "kind");
        table.AddNumberColumns("idle", "ms lost");
        table.AddColumn("channels");
        foreach (ChannelAdvice layer in advice.Take(ShownLayers))
        {
            IEnumerable<string> changes = new[] { Change(layer.Outputs is null ? "channels" : "inputs", layer.Inputs), layer.Outputs is { } outputs ? Change("outputs", outputs) : null }.OfType<string>();
            table.AddRow(
                layer.Name,
                layer.Kind.ToString(),
                (100 * layer.Idle).ToString("0", CultureInfo.InvariantCulture) + " %",
                layer.LostMilliseconds.ToString("0.0000", CultureInfo.InvariantCulture),
                string.Join("; ", changes));
        }

        string shown = advice.Length > ShownLayers ? $"the {ShownLayers} that lose the most of {advice.Length} padded layers" : $"the {advice.Length} padded layers";
        console.WriteTable(string.Create(CultureInfo.InvariantCulture, $"channels on march {march.Name}: {shown}; all lose {advice.Sum(layer => layer.LostMilliseconds):0.000} ms to padding"), table);
    }

    /// <summary>A change of channels in words; null where nothing is padded.</summary>
    private static string? Change(string what, ChannelUse use) =>
        use.Computed == use.Channels ? null
        : use.IsFixed ? $"{what} {use.Channels}, computed as {use.Computed} (fixed)"
        : $"{what} {use.Channels}, computed as {use.Computed}: up to {use.Computed} are free{(use.Below > 0 ? $", {use.Below} would save time" : "")}";
}
