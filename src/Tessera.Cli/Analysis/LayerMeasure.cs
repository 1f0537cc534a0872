
namespace Tessera.Cli.Analysis;

/// <summary>A figure by which layers can be coloured.</summary>
/// <param name="Key">Its name in the page's markup.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Badness">The larger, the worse; NaN where there is no number.</param>
internal sealed record LayerMeasure(string Key, string Title, Func<JudgedLayer, double> Badness)
{
    /// <summary>All, the first one chosen at the beginning.</summary>
    public static IReadOnlyList<LayerMeasure> All { get; } =
    [
        new("miou", "mIoU lost", layer => Math.Max(0, layer.Lost)),
        new("flipped", "flipped pixels", layer => layer.Flipped),
        new("sqnr", "SQNR alone", layer => -layer.Result.Alone.Total.Sqnr),
        new("all", "SQNR of all", layer => -layer.Result.Accumulated.Sqnr),
        new("clip", "clip share", layer => layer.Result.Alone.ClipShare),
        new("dead", "dead channels", layer => (double)layer.Result.Alone.DeadChannels / layer.Result.Alone.Channels),
    ];

    /// <summary>The colours of layers, from the least bad to the worst among them, as #rrggbb.</summary>
    public Dictionary<string, string> Colours(IReadOnlyCollection<JudgedLayer> layers)
    {
        double[] values = [.. layers.Select(Badness).Where(double.IsFinite)];
        double least = values.DefaultIfEmpty().Min(), span = values.DefaultIfEmpty().Max() - least;
        return layers.ToDictionary(layer => layer.Result.Name, layer => Colour(span > 0 && double.IsFinite(Badness(layer)) ? (Badness(layer) - least) / span : 0));
    }

    /// <summary>From a light grey over amber to red.</summary>
    private static string Colour(double share)
    {
        (int R, int G, int B)[] stops = [(232, 236, 240), (250, 190, 80), (200, 40, 40)];
        double place = Math.Clamp(share, 0, 1) * (stops.Length - 1);
        int below = Math.Min((int)place, stops.Length - 2);
        double part = place - below;
        ((int R, int G, int B) a, (int R, int G, int B) b) = (stops[below], stops[below + 1]);
        return $"#{Mix(a.R, b.R):x2}{Mix(a.G, b.G):x2}{Mix(a.B, b.B):x2}";

        int Mix(int from, int to) => (int)Math.Round(from + ((to - from) * part));
    }
}
