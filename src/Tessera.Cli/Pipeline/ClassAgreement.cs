using Tessera.Cli.Configuration;
using Tessera.Core;

namespace Tessera.Cli.Pipeline;

/// <summary>Keeps a file that was made for other classes from being used with a configuration: a class map would bear the wrong names.</summary>
internal static class ClassAgreement
{
    /// <summary>Passes when a file has the configuration's classes in the same order.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="file">The file.</param>
    /// <param name="names">The names of its classes by train id; none where it does not say them.</param>
    /// <exception cref="BadFileException">The names or their order differ.</exception>
    public static void Require(TesseraConfig config, string file, IReadOnlyList<string> names)
    {
        if (Difference(config, file, names) is { } difference)
        {
            throw new BadFileException($"{file} was made for other classes: {difference}. Give the class file with which it was made as 'classes', or train anew with these classes.");
        }
    }

    /// <summary>How the classes differ, in words; null where they do not, or the file does not say them.</summary>
    public static string? Difference(TesseraConfig config, string file, IReadOnlyList<string> names) =>
        names.Count == 0 ? null : ClassNames.FirstDifference(names, file, config.ClassNames, "the configuration");
}
