using System.Text.RegularExpressions;

namespace Tessera.Architecture.Tests;

/// <summary>Files that users name are opened by InputFile alone, which does not wait for a pipe that nobody writes to.</summary>
public sealed partial class InputFileRuleTests
{
    /// <summary>These open what Tessera or the system made, or (ConfigText) may read a pipe that has a writer and look at it first.</summary>
    private static readonly string[] Allowed =
    [
        "InputFile.cs", "AtomicFile.cs", "CityscapesDownload.cs", "ColdStartProbe.cs", "ConfigText.cs", "LeftOvers.cs", "LmdbPackWriter.cs", "PeakMeasurement.cs", "RunLock.cs", "TrainingHistory.cs",
    ];

    [Fact]
    public void Files_of_users_are_opened_in_one_place()
    {
        string[] files =
        [
            .. Repository.SourceFiles.Where(file => !file.Contains("Diagnostics", StringComparison.Ordinal))
                .Where(file => File.ReadAllText(Path.Combine(Repository.Root, file)) is var text && Opens().IsMatch(text) && !text.Contains("InputFile.Require(", StringComparison.Ordinal)),
        ];
        Assert.Contains("InputFile.cs", files.Select(Path.GetFileName));
        Repository.AssertNone([.. files.Where(file => !Allowed.Contains(Path.GetFileName(file))).Select(file => $"{file} opens a file by itself; use InputFile.")]);
    }

    [GeneratedRegex(@"(?<!Input)File\.(OpenRead|OpenText|ReadAllBytes|ReadAllText|ReadLines|ReadAllLines)\(|FileMode\.Open\b")]
    private static partial Regex Opens();
}
