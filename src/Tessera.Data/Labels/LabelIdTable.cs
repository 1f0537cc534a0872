using System.Globalization;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>The text form of a table from label ids to train ids, as <c>--ids</c> takes it: <c>0=255,1..3=0..2</c>.</summary>
public static class LabelIdTable
{
    /// <summary>Reads a table.</summary>
    /// <param name="text">Items <c>ID=TRAINID</c>, <c>FIRST..LAST=TRAINID</c> or <c>FIRST..LAST=FIRST..LAST</c>, separated by commas; a train id of 255 means ignored.</param>
    /// <exception cref="UsageException">An item is of another form, or an id stands there twice.</exception>
    public static IReadOnlyDictionary<int, int> Parse(string text)
    {
        var table = new Dictionary<int, int>();
        foreach (string item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] sides = item.Split('=', StringSplitOptions.TrimEntries);
            if (sides.Length != 2 || Range(sides[0]) is not { } ids || Range(sides[1]) is not { } trainIds || (trainIds.Count != 1 && trainIds.Count != ids.Count))
            {
                throw new UsageException($"--ids has the item '{item}'; an item is ID=TRAINID or FIRST..LAST=FIRST..LAST with numbers from 0 to 255, for example --ids 0=255,1..3=0..2.");
            }

            for (int i = 0; i < ids.Count; i++)
            {
                if (!table.TryAdd(ids.First + i, trainIds.First + (trainIds.Count == 1 ? 0 : i)))
                {
                    throw new UsageException($"--ids gives the label id {ids.First + i} twice; give each id one train id.");
                }
            }
        }

        return table;
    }

    /// <summary>The options for labels of which 0 is ignored and class n has the value n + 1.</summary>
    internal static string OptionForShift(int classes) => $"--labels ids --ids 0=255,{(classes == 1 ? "1=0" : $"1..{classes}=0..{classes - 1}")}";

    /// <summary>The table of a remap, in the form that <see cref="Parse"/> reads.</summary>
    internal static string Format(LabelRemap remap)
    {
        var items = new List<string>();
        for (int value = 0; value < 256; value++)
        {
            int first = value, trainId = remap.TrainIdOf((byte)value);
            if (trainId != LabelRemap.Unknown)
            {
                while (value < 255 && remap.TrainIdOf((byte)(value + 1)) == trainId + value + 1 - first)
                {
                    value++;
                }

                items.Add(value == first ? $"{first}={trainId}" : $"{first}..{value}={trainId}..{trainId + value - first}");
            }
        }

        return string.Join(",", items);
    }

    private static (int First, int Count)? Range(string text)
    {
        string[] ends = text.Split("..");
        return ends.Length <= 2 && byte.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out byte first)
            && byte.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out byte last) && last >= first
            ? (first, last - first + 1)
            : null;
    }
}
