namespace Tessera.Data;

/// <summary>A package that lies complete and checked on the disk.</summary>
/// <param name="Package">The package.</param>
/// <param name="Path">The full path of its file.</param>
/// <param name="Md5">Its MD5 sum, which equals the server's: 32 lower-case hexadecimal digits.</param>
/// <param name="AlreadyThere">Whether the file was there before, so that nothing was transferred.</param>
public sealed record DownloadedPackage(CityscapesPackage Package, string Path, string Md5, bool AlreadyThere);
