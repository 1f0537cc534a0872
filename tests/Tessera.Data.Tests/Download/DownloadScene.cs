using System.Net;
using System.Text;
using Tessera.TestKit;

namespace Tessera.Data.Tests;

/// <summary>A server, a folder, and everything that the download said. Disposing it looks for the account in all of that.</summary>
public sealed class DownloadScene(PretendCityscapes server) : IDisposable, IProgress<DownloadProgress>
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _said = [];

    public string Folder => _folder.Combine("zips");

    public string Final => Path.Combine(Folder, PretendCityscapes.Package);

    public string Part => Final + ".part";

    public List<DownloadProgress> Reports { get; } = [];

    public DownloadOptions Options { get; } = new()
    {
        Server = server.Address,
        Attempts = 3,
        FirstDelay = TimeSpan.FromMilliseconds(1),
        LongestDelay = TimeSpan.FromMilliseconds(5),
    };

    public void Report(DownloadProgress value)
    {
        Reports.Add(value);
        _said.Add(value.ToString());
    }

    public async Task<CityscapesDownload> LoggedInAsync(DownloadOptions? options = null, Func<string, long>? freeBytes = null)
    {
        var download = new CityscapesDownload(options ?? Options) { FreeBytes = freeBytes ?? (_ => long.MaxValue) };
        var account = new CityscapesAccount(PretendCityscapes.User, PretendCityscapes.Password);
        _said.Add($"{account}{System.Text.Json.JsonSerializer.Serialize(account)}");
        await download.LogInAsync(account);
        return download;
    }

    public async Task<DownloadedPackage> DownloadAsync(CancellationToken cancel = default, DownloadOptions? options = null, Func<string, long>? freeBytes = null)
    {
        using CityscapesDownload download = await LoggedInAsync(options, freeBytes);
        return await download.DownloadAsync(PretendCityscapes.Package, Folder, this, cancel);
    }

    /// <summary>Expects a fault and keeps all its texts, the inner ones too.</summary>
    public async Task<T> FaultAsync<T>(Func<Task> work)
        where T : Exception
    {
        T fault = await Assert.ThrowsAnyAsync<T>(work);
        _said.Add(fault.ToString());
        return fault;
    }

    public void LeavePart(byte[] content)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllBytes(Part, content);
    }

    public void Dispose()
    {
        IEnumerable<string> files = Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories)
            .Where(file => new FileInfo(file).LinkTarget is null)
            .SelectMany(file => new[] { file, Encoding.Latin1.GetString(File.ReadAllBytes(file)) });
        string everything = string.Join('\n', [.. _said, .. server.Heads, .. files]);
        foreach (string secret in new[] { PretendCityscapes.Password, PretendCityscapes.User })
        {
            Assert.DoesNotContain(secret, everything);
            Assert.DoesNotContain(WebUtility.UrlEncode(secret), everything);
            Assert.DoesNotContain(Uri.EscapeDataString(secret), everything);
        }

        _folder.Dispose();
    }
}
