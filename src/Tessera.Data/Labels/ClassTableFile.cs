using System.Globalization;
using System.Text;
using System.Text.Json;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>What a class file says.</summary>
/// <param name="Classes">The classes.</param>
/// <param name="Ignore">The label value of ignored pixels.</param>
/// <param name="Ids">Label id to train id, where the file gives ids; else null.</param>
public sealed record ClassTableDescription(ClassTable Classes, int Ignore, IReadOnlyDictionary<int, int>? Ids)
{
    /// <summary>Colours of RGB labels that mean ignored.</summary>
    public IReadOnlyList<ColourClass> IgnoredColours { get; init; } = [];
}

/// <summary>
/// Reads a class table from JSON: <c>{"classes": ["sky", …], "ignore": 255}</c>, where a class may also be
/// <c>{"name": "sky", "color": [70, 130, 180], "ids": [23]}</c>; ids that stand under <c>ignore_ids</c>, and colours under <c>ignore_colors</c>, are
/// ignored. Instead of ids at the classes there may be one table <c>"ids": {"0": 255, "23": 0}</c>.
/// </summary>
/// <remarks>
/// A class without a colour gets CamVid's where the name is one of CamVid's 11, else the next of the PASCAL VOC colour map that no other class has.
/// The text may have any of Unicode's encodings, with or without a byte order mark.
/// </remarks>
public static class ClassTableFile
{
    private const int MostBytes = 1 << 24;

    private static readonly ClassEntry[] CamVid =
    [
        new("sky", 128, 128, 128), new("building", 128, 0, 0), new("pole", 192, 192, 128), new("road", 128, 64, 128), new("pavement", 0, 0, 192), new("tree", 128, 128, 0),
        new("sign", 192, 128, 128), new("fence", 64, 64, 128), new("car", 64, 0, 128), new("pedestrian", 64, 64, 0), new("bicyclist", 0, 128, 192),
    ];

    /// <summary>Reads a class file.</summary>
    /// <exception cref="BadFileException">The file is missing, no JSON, or of another form; the message says what is wrong.</exception>
    public static ClassTableDescription Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(JsonText.Decode(InputFile.ReadAllBytes(path, MostBytes)), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Parse(document.RootElement);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot read the class file {path}: {fault.Message}", fault);
        }
        catch (DecoderFallbackException fault)
        {
            throw new BadFileException($"The class file {path} is no text in UTF-8, UTF-16 or UTF-32: {fault.Message} Save it as UTF-8.", fault);
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException or ArgumentException or KeyNotFoundException)
        {
            throw new BadFileException($"The class file {path} is not of the form {{\"classes\": [\"sky\", …], \"ignore\": 255}}: {fault.Message}", fault);
        }
    }

    private static ClassTableDescription Parse(JsonElement root)
    {
        var classes = new List<(string Name, ClassEntry? Entry)>();
        var ids = new Dictionary<int, int>();
        foreach (JsonElement item in root.GetProperty("classes").EnumerateArray())
        {
            bool isName = item.ValueKind == JsonValueKind.String;
            string name = (isName ? item : item.GetProperty("name")).GetString() ?? throw new FormatException("a class has no name");
            if (classes.Any(other => other.Name == name))
            {
                throw new FormatException($"the class '{name}' stands there twice");
            }

            if (!isName && item.TryGetProperty("ids", out JsonElement own))
            {
                AddIds(own, classes.Count, ids);
            }

            classes.Add((name, isName || !item.TryGetProperty("color", out JsonElement colour) ? KnownColour(name) : Entry(name, colour)));
        }

        if (root.TryGetProperty("ignore_ids", out JsonElement ignored))
        {
            AddIds(ignored, ClassTable.Ignore, ids);
        }

        if (root.TryGetProperty("ids", out JsonElement table))
        {
            AddTable(table, ids);
        }

        int ignore = root.TryGetProperty("ignore", out JsonElement value) ? value.GetInt32() : ClassTable.Ignore;
        return new ClassTableDescription(new ClassTable(Coloured(classes)), ignore, ids.Count > 0 ? ids : null)
        {
            IgnoredColours = root.TryGetProperty("ignore_colors", out JsonElement colours) ? [.. colours.EnumerateArray().Select(IgnoredColour)] : [],
        };
    }

    private static void AddTable(JsonElement table, Dictionary<int, int> ids)
    {
        foreach (JsonProperty entry in table.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || !ids.TryAdd(id, entry.Value.GetInt32()))
            {
                throw new FormatException($"the id '{entry.Name}' is no number or stands there twice");
            }
        }
    }

    private static void AddIds(JsonElement list, int trainId, Dictionary<int, int> ids)
    {
        foreach (JsonElement id in list.EnumerateArray())
        {
            if (!ids.TryAdd(id.GetInt32(), trainId))
            {
                throw new FormatException($"the id {id.GetInt32()} stands there twice");
            }
        }
    }

    private static ClassEntry Entry(string name, JsonElement colour)
    {
        byte[] levels = Levels(colour);
        return levels.Length == 3 ? new ClassEntry(name, levels[0], levels[1], levels[2]) : throw new FormatException($"the colour of '{name}' has {levels.Length} numbers instead of 3");
    }

    private static ColourClass IgnoredColour(JsonElement colour)
    {
        byte[] levels = Levels(colour);
        return levels.Length == 3 ? new ColourClass(levels[0], levels[1], levels[2], ClassTable.Ignore) : throw new FormatException($"a colour of 'ignore_colors' has {levels.Length} numbers instead of 3");
    }

    private static byte[] Levels(JsonElement colour) => [.. colour.EnumerateArray().Select(level => level.GetByte())];

    private static ClassEntry? KnownColour(string name) =>
        CamVid.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Name: not null } known ? known with { Name = name } : null;

    /// <summary>
    /// Gives the others colours that nobody has; a class's place decides which, so that adding a class changes none before it. The colour of the place
    /// is kept free of CamVid's, whose classes may be added later.
    /// </summary>
    private static List<ClassEntry> Coloured(List<(string Name, ClassEntry? Entry)> classes)
    {
        HashSet<(byte, byte, byte)> taken = [.. CamVid.Concat(classes.Where(item => item.Entry is not null).Select(item => item.Entry!.Value)).Select(entry => (entry.Red, entry.Green, entry.Blue))];
        return [.. classes.Zip(VocColours().Where(colour => !taken.Contains(colour)), (item, free) => item.Entry ?? new ClassEntry(item.Name, free.Red, free.Green, free.Blue))];
    }

    /// <summary>The colours of PASCAL VOC but black: the bits of the index spread over the high bits of red, green and blue, and no two indices have the same.</summary>
    private static IEnumerable<(byte Red, byte Green, byte Blue)> VocColours()
    {
        for (int i = 1; i < 1 << 24; i++)
        {
            int red = 0, green = 0, blue = 0;
            for (int bits = i, place = 7; bits > 0; bits >>= 3, place--)
            {
                red |= (bits & 1) << place;
                green |= ((bits >> 1) & 1) << place;
                blue |= ((bits >> 2) & 1) << place;
            }

            yield return ((byte)red, (byte)green, (byte)blue);
        }
    }
}
