namespace Tessera.Recipes;

/// <summary>Finds what somebody probably meant.</summary>
public static class NearestName
{
    /// <summary>The candidate with the smallest edit distance (Levenshtein, 1966), the first among equals; null when none is similar.</summary>
    /// <remarks>Similar: about half of the longer name's letters differ at most, or one name contains the other.</remarks>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string candidate in candidates)
        {
            int distance = Distance(name, candidate);
            bool similar = distance * 2 <= Math.Max(name.Length, candidate.Length) + 1
                || (name.Length > 2 && candidate.Contains(name, StringComparison.OrdinalIgnoreCase))
                || (candidate.Length > 2 && name.Contains(candidate, StringComparison.OrdinalIgnoreCase));
            if (similar && distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    /// <summary>The number of letters to insert, remove or replace; upper and lower case count as equal.</summary>
    public static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 0; i < a.Length; i++)
        {
            int diagonal = row[0]++;
            for (int j = 0; j < b.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(a[i]) == char.ToLowerInvariant(b[j]) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, Math.Min(row[j], row[j + 1]) + 1);
            }
        }

        return row[^1];
    }
}
