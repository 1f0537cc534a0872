namespace Tessera.Data;

/// <summary>Why there seems to be nothing at a path: .NET says "does not exist" also where a right is missing or the path is impossible.</summary>
public static class MissingPath
{
    /// <summary>The reason as a sentence without its subject and full stop, such as <c>does not exist</c>.</summary>
    /// <param name="path">A path at which no file or no folder was found.</param>
    public static string Reason(string path)
    {
        try
        {
            FileAttributes attributes = File.GetAttributes(path);
            bool isLink = attributes.HasFlag(FileAttributes.ReparsePoint) && new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.Exists != true;
            return isLink ? "is a link whose target does not exist" : attributes.HasFlag(FileAttributes.Directory) ? "is a folder, not a file" : "is a file, not a folder";
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return "does not exist";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"cannot be reached ({fault.Message.TrimEnd('.')})";
        }
    }
}
