using System.Globalization;

namespace Tessera.Data;

/// <summary>Compares the declared encoding with what the label files look like: their format in each split, their values in all splits together.</summary>
internal static class EncodingCheck
{
    /// <summary>Judges splits and lets each remember its guess.</summary>
    /// <param name="splits">The splits.</param>
    /// <param name="isPack">Whether the mend is to pack again.</param>
    public static IEnumerable<Finding> Check(IReadOnlyList<SplitFacts> splits, bool isPack)
    {
        foreach (SplitFacts split in splits)
        {
            split.Guess = split.FormatGuess();
        }

        // Train may hold what tells the encoding of a test split whose few values fit several.
        var groups = new List<List<SplitFacts>>();
        foreach (SplitFacts split in splits.Where(split => split.Guess is null && split.Statistics.Pixels > 0))
        {
            if (groups.FirstOrDefault(group => group[0].Meaning.Name == split.Meaning.Name && group[0].Meaning.HasSameTable(split.Meaning)) is { } group)
            {
                group.Add(split);
            }
            else
            {
                groups.Add([split]);
            }
        }

        foreach (List<SplitFacts> group in groups)
        {
            long[] pixels = [.. Enumerable.Range(0, 256).Select(value => group.Sum(split => split.Statistics.PixelsByValue[value]))];
            EncodingGuess? guess = EncodingGuess.FromValues(pixels, group[0].Meaning);
            group.ForEach(split => split.Guess = guess);
        }

        IEnumerable<(string Names, SplitFacts Split)> judged = groups.Select(group => (string.Join(", ", group.Select(split => split.Split)), group[0]))
            .Concat(splits.Where(split => split.HasFormatGuess).Select(split => (split.Split, split)));
        return judged.Where(entry => entry.Split.Guess is { } guess && guess.Encoding != entry.Split.Meaning.Name && !entry.Split.DescribesEach(guess.Encoding))
            .Select(entry => Contradiction(entry.Names, entry.Split.Meaning, entry.Split.Guess!, isPack));
    }

    private static Finding Contradiction(string splits, LabelMeaning declared, EncodingGuess guess, bool isPack)
    {
        string options = LabelMeaning.OptionsFor(guess.Encoding, declared.Classes.Count);
        return new Finding(
            guess.Confidence >= EncodingGuess.Certain ? FindingSeverity.Error : FindingSeverity.Warning, "encoding", splits, "",
            string.Create(CultureInfo.InvariantCulture, $"The labels are declared as '{declared.Name}' but look like '{guess.Encoding}' (confidence {guess.Confidence:F2}): {guess.Reason}."),
            isPack ? $"Pack the data again with {options}." : $"Say {options}.");
    }
}
