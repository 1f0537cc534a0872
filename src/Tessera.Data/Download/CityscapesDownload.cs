using System.Net;
using System.Text.RegularExpressions;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// Downloads packages of Cityscapes with the user's own account, over the same pages as the official csDownload (cityscapesScripts).
/// First <see cref="LogInAsync"/>, then <see cref="ListAsync"/> and <see cref="DownloadAsync"/> as often as wanted.
/// Nothing about the account is stored: the password goes into one form and the session's cookie lives until <see cref="Dispose"/>.
/// One object serves one caller at a time.
/// </summary>
public sealed partial class CityscapesDownload : IDisposable
{
    private readonly DownloadOptions _options;
    private readonly CityscapesConnection _connection;
    private bool _loggedIn;

    /// <summary>Prepares the download; nothing is sent yet.</summary>
    /// <param name="options">Server and patience; the official server where null.</param>
    /// <exception cref="UsageException">The server is neither https nor this machine itself, or its address holds a password.</exception>
    public CityscapesDownload(DownloadOptions? options = null)
    {
        _options = options ?? new DownloadOptions();
        _options.Check();
        _connection = new CityscapesConnection(_options);
    }

    /// <summary>Free bytes on the disk of a folder; tests play a small disk with it.</summary>
    internal Func<string, long> FreeBytes { get; init; } = folder => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>Logs in.</summary>
    /// <exception cref="UsageException">The server does not accept user name and password.</exception>
    /// <exception cref="WorkException">The server cannot be reached or fails.</exception>
    public async Task LogInAsync(CityscapesAccount account, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(account);

        // The form's page first, as a browser does: it sets the session's cookie.
        HttpStatusCode page = await SendLoginAsync(() => new HttpRequestMessage(HttpMethod.Get, "login"), cancel);
        if ((int)page >= 400)
        {
            throw _connection.Refused(page, "the log-in page");
        }

        HttpStatusCode answer = await SendLoginAsync(
            () => new HttpRequestMessage(HttpMethod.Post, "login")
            {
                Content = new FormUrlEncodedContent([new("username", account.User), new("password", account.Password), new("submit", "Login")]),
            },
            cancel);

        // The server redirects who is logged in, and shows the form again to who is not.
        _loggedIn = answer is HttpStatusCode.Redirect or HttpStatusCode.SeeOther;
        if (_loggedIn)
        {
            return;
        }

        if (answer is HttpStatusCode.OK or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw new UsageException($"The Cityscapes server does not accept this user name and password. Try them at {_connection.AddressOf("login")} in a browser; a new account must be confirmed there first.");
        }

        throw _connection.Refused(answer, "the log-in");
    }

    /// <summary>The packages that the account may download, in the server's order.</summary>
    /// <exception cref="InvalidOperationException">Nobody is logged in.</exception>
    /// <exception cref="WorkException">The server does not give the list, or gives something else.</exception>
    public async Task<IReadOnlyList<CityscapesPackage>> ListAsync(CancellationToken cancel = default)
    {
        RequireLogin();
        return PackageList.Parse(await _connection.GetTextAsync("downloads/?list", "the list of packages", cancel));
    }

    /// <summary>
    /// Downloads one package to <c>{folder}/{name}</c>. It grows as <c>{name}.part</c>, from where an earlier run was interrupted (by a cut,
    /// by <paramref name="cancel"/>, by kill), and gets its name when its MD5 sum is the server's. A file that is there already is only checked.
    /// </summary>
    /// <param name="name">The package's name as in <see cref="ListAsync"/>; case does not matter.</param>
    /// <param name="folder">The folder for the file; it is created.</param>
    /// <param name="progress">Told how far it is; called on whatever thread does the work.</param>
    /// <param name="cancel">Ends the transfer; what has arrived is kept.</param>
    /// <exception cref="InvalidOperationException">Nobody is logged in.</exception>
    /// <exception cref="UsageException">The account has no such package; the message names the nearest.</exception>
    /// <exception cref="BadFileException">The MD5 sum is not the server's (a wrong .part file is removed, for no transfer could mend it), or the disk is full.</exception>
    /// <exception cref="WorkException">The server does not give the package, or the connection failed too often.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> ended it.</exception>
    public async Task<DownloadedPackage> DownloadAsync(
        string name, string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default)
    {
        CityscapesPackage package = PackageList.Find(await ListAsync(cancel), name);
        string expected = await ExpectedMd5Async(package, cancel);
        string final = Path.Combine(Path.GetFullPath(folder), package.Name);
        if (File.Exists(final))
        {
            await CheckExistingAsync(final, package, expected, progress, cancel);
            return new DownloadedPackage(package, final, expected, AlreadyThere: true);
        }

        using var part = PartialFile.Open(final + ".part");
        await new PackageTransfer(_connection, _options, package, part, FreeBytes, progress).ReceiveAsync(cancel);
        string actual = await part.Md5Async(package.Name, progress, cancel);
        if (actual != expected)
        {
            long length = part.Length;
            part.Remove();
            throw new BadFileException($"{final} arrived with {length} bytes and MD5 {actual}, but the server states {expected}. The wrong file was removed; run the command again to download it anew.");
        }

        part.Complete(final);
        return new DownloadedPackage(package, final, expected, AlreadyThere: false);
    }

    /// <summary>Ends the session: its cookie is forgotten.</summary>
    public void Dispose() => _connection.Dispose();

    [GeneratedRegex(@"\A\s*([0-9a-fA-F]{32})(\s|\z)")]
    private static partial Regex Md5Line();

    private static async Task CheckExistingAsync(
        string file, CityscapesPackage package, string expected, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string actual;
        try
        {
            await using FileStream stream = File.OpenRead(file);
            actual = await PartialFile.Md5Async(stream, package.Name, progress, cancel);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException($"Cannot read {file}: {fault.Message} Remove it or choose another folder.", fault);
        }

        if (actual != expected)
        {
            throw new BadFileException($"{file} exists with MD5 {actual}, but the server's package has {expected}. It was left as it is; remove it or choose another folder.");
        }
    }

    private Task<HttpStatusCode> SendLoginAsync(Func<HttpRequestMessage> request, CancellationToken cancel) => _connection.RetryAsync(
        async () =>
        {
            using HttpRequestMessage message = request();
            using HttpResponseMessage response = await _connection.SendAsync(message, cancel);
            return response.StatusCode;
        },
        "the log-in page",
        cancel);

    private async Task<string> ExpectedMd5Async(CityscapesPackage package, CancellationToken cancel)
    {
        string what = $"the checksum of {package.Name} (packageID {package.Id})";
        Match line = Md5Line().Match(await _connection.GetTextAsync($"md5-sum/?packageID={package.Id}", what, cancel));
        return line.Success
            ? line.Groups[1].Value.ToLowerInvariant()
            : throw new WorkException($"The server sends something else than {what}, so a download could not be checked. Try again later.");
    }

    private void RequireLogin()
    {
        if (!_loggedIn)
        {
            throw new InvalidOperationException($"Call {nameof(LogInAsync)} first.");
        }
    }
}
