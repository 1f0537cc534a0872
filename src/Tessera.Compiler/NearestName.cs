namespace Tessera.Compiler;

/// <summary>Finds what a user probably meant.</summary>
internal static class NearestName
{
    /// <summary>The candidate with the smallest edit distance (Levenshtein) to a name; the first among equals.</summary>
    public static string Of(string name, IEnumerable<string> candidates) => candidates.MinBy(candidate => Distance(name, candidate))!;

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
