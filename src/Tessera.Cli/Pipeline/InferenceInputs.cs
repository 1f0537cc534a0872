using System.Text;
using Tessera.Core;
using Tessera.Data;

namespace Tessera.Cli.Pipeline;

/// <summary>An image to segment.</summary>
/// <param name="Image">Its file.</param>
/// <param name="Result">Where its results go: a path that <c>_classes.png</c> and the others are appended to.</param>
internal sealed record InferenceInput(string Image, string Result);

/// <summary>The images that <c>infer</c> is to segment, and what of a folder it cannot.</summary>
/// <param name="Images">The images, in ordinal order.</param>
/// <param name="Faults">What cannot be segmented and why, one sentence each.</param>
/// <param name="Notes">What was left out on purpose, one line for each kind.</param>
internal sealed record InferenceInputs(IReadOnlyList<InferenceInput> Images, IReadOnlyList<string> Faults, IReadOnlyList<string> Notes)
{
    /// <summary>The ends of the results' names.</summary>
    public const string ClassesSuffix = "_classes.png", ColourSuffix = "_color.png", OverlaySuffix = "_overlay.png";

    private const int MostNameBytes = 255;
    private static readonly string[] ImageExtensions = [".png", ".jpg", ".jpeg"];
    private static readonly string[] ResultSuffixes = [ClassesSuffix, ColourSuffix, OverlaySuffix];

    /// <summary>
    /// Finds the images of a path: a file is one, whatever its name; of a folder and the folders below it all PNG and JPEG files are. Results keep the
    /// folders. Where images of a folder have one name but for the ending, the ending becomes part of their results' names.
    /// </summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="saveFolder">The folder of the results. Results of an earlier run in it are no inputs.</param>
    /// <exception cref="UsageException">The results would lie among the images.</exception>
    /// <exception cref="BadFileException">There is nothing at the path, it cannot be read, it holds no image, or names differ in case only.</exception>
    public static InferenceInputs Find(string path, string saveFolder)
    {
        if (!Directory.Exists(path))
        {
            return File.Exists(path)
                ? new InferenceInputs([new InferenceInput(path, Path.Combine(saveFolder, Path.GetFileNameWithoutExtension(path)))], [], [])
                : throw new BadFileException($"The image or folder {path} {MissingPath.Reason(path)}. Give an image, or a folder of PNG and JPEG images.");
        }

        FolderTree tree = FolderTree.Read(path);
        string[] candidates = [.. tree.Files.Where(IsImage)];
        string realSave = RealPath.Of(saveFolder);
        string[] results = [.. candidates.Where(file => IsResult(file) && RealPath.IsAtOrAbove(realSave, RealPath.Of(Path.Combine(path, Path.GetDirectoryName(file)!))))];
        string[] images = [.. candidates.Except(results)];
        string[] faults = [.. tree.Skipped.Where(entry => entry.Hides(IsImage)).Select(entry => $"{entry.Path} {entry.Problem} {entry.Remedy}")];
        if (images.Length == 0 && faults.Length == 0)
        {
            throw new BadFileException($"The folder {path} has no PNG or JPEG image, and the folders below it have none ({Others(tree.Files.Count, results.Length)}). Give another folder, or one image.");
        }

        RequireApart(path, saveFolder, images);
        ILookup<bool, InferenceInput> named = Named(path, saveFolder, images).ToLookup(HasWritableResults);
        IEnumerable<string> notes = SkippedEntry.Notes(tree.Skipped);
        return new InferenceInputs(
            [.. named[true]],
            [.. faults, .. named[false].Select(input => $"{input.Image} has a name to which {ClassesSuffix} cannot be appended: file names have at most {MostNameBytes} bytes. Shorten it.")],
            [.. results.Length > 0 ? notes.Append($"{results.Length} results of an earlier run in {saveFolder} are no inputs") : notes]);
    }

    private static string Others(int files, int results) => results > 0 ? $"{results} results of an earlier run are no inputs" : $"{files} other {(files == 1 ? "file" : "files")}";

    private static bool IsImage(string file) => ImageExtensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);

    private static bool IsResult(string file) => ResultSuffixes.Any(suffix => file.EndsWith(suffix, StringComparison.Ordinal));

    private static bool HasWritableResults(InferenceInput input) => Encoding.UTF8.GetByteCount(Path.GetFileName(input.Result)) + ClassesSuffix.Length <= MostNameBytes;

    /// <summary>Refuses results in folders that hold images: the next run would take them for images.</summary>
    private static void RequireApart(string path, string saveFolder, string[] images)
    {
        string[] folders = [.. images.Select(image => Path.GetDirectoryName(image)!).Distinct()];
        HashSet<string> sources = [.. folders.Select(folder => RealPath.Of(Path.Combine(path, folder)))];
        if (folders.FirstOrDefault(folder => sources.Contains(RealPath.Of(Path.Combine(saveFolder, folder)))) is { } shared)
        {
            throw new UsageException($"--save-path is {saveFolder}, which would put results into {Path.Combine(saveFolder, shared)}, among the images; the next run would take them for images. Give a folder of its own.");
        }
    }

    private static InferenceInput[] Named(string path, string saveFolder, string[] images)
    {
        ILookup<string, string> byName = images.ToLookup(image => Path.ChangeExtension(image, null), StringComparer.OrdinalIgnoreCase);
        var owners = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        return [.. images.Select(image =>
        {
            string name = Path.ChangeExtension(image, null);
            string result = byName[name].Skip(1).Any() ? $"{name}_{Path.GetExtension(image)[1..]}" : name;
            return owners.TryAdd(result, image)
                ? new InferenceInput(Path.Combine(path, image), Path.Combine(saveFolder, result))
                : throw new BadFileException($"The images {Path.Combine(path, owners[result])} and {Path.Combine(path, image)} would have the same results {result}_*.png. Rename one of the two.");
        })];
    }
}
