using System.Globalization;
using System.Text.Json;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>The server's list of packages: a JSON array of objects with <c>name</c>, <c>packageID</c>, <c>size</c> and <c>thirdparty</c>.</summary>
internal static class PackageList
{
    private const int Suggestions = 3;

    /// <summary>Reads the list. Numbers may be written as texts, as the server does.</summary>
    /// <exception cref="WorkException">It is something else, or holds a name that is no plain file name.</exception>
    public static IReadOnlyList<CityscapesPackage> Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateArray().Select(Read)];
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new WorkException("The server's answer is not the list of packages that this version of Tessera knows (a JSON array with name, packageID, size). Download the packages in a browser and unpack them.", fault);
        }
    }

    /// <summary>The package of a name, without regard to case.</summary>
    /// <exception cref="UsageException">There is none; the message names the nearest.</exception>
    public static CityscapesPackage Find(IReadOnlyList<CityscapesPackage> packages, string name)
    {
        CityscapesPackage? found = packages.FirstOrDefault(p => p.Name == name)
            ?? packages.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (found is not null)
        {
            return found;
        }

        IEnumerable<string> nearest = packages.Select(p => p.Name).OrderBy(n => Distance(Stem(name), Stem(n))).Take(Suggestions);
        string remedy = packages.Count == 0 ? "It may download nothing: accept the terms in a browser first." : $"The nearest: {string.Join(", ", nearest)}.";
        throw new UsageException($"There is no package \"{name}\" that this account may download. {remedy}");
    }

    private static CityscapesPackage Read(JsonElement entry)
    {
        string name = Text(entry.GetProperty("name"));

        // The name becomes a path and a line on a terminal.
        if (name.Length == 0 || name[0] == '.' || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
        {
            throw new FormatException("A package's name is no plain file name.");
        }

        return new CityscapesPackage(
            int.Parse(Text(entry.GetProperty("packageID")), NumberStyles.None, CultureInfo.InvariantCulture),
            name,
            new string([.. Text(entry.GetProperty("size")).Where(c => !char.IsControl(c))]),
            entry.TryGetProperty("thirdparty", out JsonElement thirdParty) && Text(thirdParty) is "1" or "true" or "True");
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.ToString(),
        _ => throw new FormatException($"A {value.ValueKind} where a text or a number belongs."),
    };

    private static string Stem(string name)
    {
        string lower = name.ToLowerInvariant();
        return lower.EndsWith(".zip", StringComparison.Ordinal) ? lower[..^4] : lower;
    }

    /// <summary>
    /// Edit distance in which letters that only <paramref name="name"/> has cost a quarter, for people shorten: gtFine is nearer to
    /// gtFine_trainvaltest than to gtCoarse.
    /// </summary>
    private static double Distance(string wanted, string name)
    {
        const double Missing = 0.25;
        double[] row = [.. Enumerable.Range(0, name.Length + 1).Select(i => i * Missing)];
        foreach (char letter in wanted)
        {
            double diagonal = row[0];
            row[0] += 1;
            for (int i = 1; i <= name.Length; i++)
            {
                double best = Math.Min(Math.Min(row[i] + 1, row[i - 1] + Missing), diagonal + (letter == name[i - 1] ? 0 : 1));
                diagonal = row[i];
                row[i] = best;
            }
        }

        return row[^1];
    }
}
