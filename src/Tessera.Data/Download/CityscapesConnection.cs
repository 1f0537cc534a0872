using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>
/// Requests to the server with the cookies of one session, which live in memory only. Redirects are not followed: to this server they
/// mean something (a log-in that worked, a session that ended), and a cookie never travels to another host.
/// </summary>
internal sealed class CityscapesConnection : IDisposable
{
    private const long LongestText = 4 << 20;
    private readonly HttpClient _client;
    private readonly DownloadOptions _options;

    public CityscapesConnection(DownloadOptions options)
    {
        _options = options;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            CookieContainer = new CookieContainer(),
            UseProxy = !options.Server.IsLoopback,
            ConnectTimeout = options.StallTimeout,
        })
        {
            BaseAddress = new Uri(options.Server.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Tessera", typeof(CityscapesConnection).Assembly.GetName().Version!.ToString(2)));
    }

    /// <summary>The address of a page of this server.</summary>
    public string AddressOf(string page) => new Uri(_client.BaseAddress!, page).AbsoluteUri;

    /// <summary>Sends one request and returns as soon as the answer's head is there; every status but the passing ones is the caller's to judge.</summary>
    /// <exception cref="TransientFaultException">The connection failed, nothing came in time, or the server is busy or broken (408, 429, 5xx).</exception>
    /// <exception cref="WorkException">The server's certificate is not trusted.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        HttpResponseMessage response = await UnlessStalledAsync(
            token => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancel);
        int status = (int)response.StatusCode;
        if (status is not (408 or 429) && status < 500)
        {
            return response;
        }

        using (response)
        {
            TimeSpan? wait = response.Headers.RetryAfter?.Delta;
            throw new TransientFaultException($"the server answered {status} to {request.RequestUri!.PathAndQuery}", wait);
        }
    }

    /// <summary>Fetches a short text, again where the fault may pass.</summary>
    /// <exception cref="WorkException">The server does not give it.</exception>
    public Task<string> GetTextAsync(string page, string what, CancellationToken cancel) => RetryAsync(
        async () =>
        {
            using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, page), cancel);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw Refused(response.StatusCode, what);
            }

            return await UnlessStalledAsync(
                async token =>
                {
                    await response.Content.LoadIntoBufferAsync(LongestText, token);
                    return await response.Content.ReadAsStringAsync(token);
                },
                cancel);
        },
        what,
        cancel);

    /// <summary>Runs a request that may be repeated, until it succeeds or its attempts are used up.</summary>
    /// <exception cref="WorkException">All attempts failed.</exception>
    public async Task<T> RetryAsync<T>(Func<Task<T>> request, string what, CancellationToken cancel)
    {
        var budget = new RetryBudget(_options);
        while (true)
        {
            TimeSpan wait;
            try
            {
                return await request();
            }
            catch (TransientFaultException fault)
            {
                wait = budget.Fail(fault)
                    ?? throw new WorkException($"Cannot get {what}: {fault.Message}, {_options.Attempts} times in a row. Try again later.", fault);
            }

            await Task.Delay(wait, cancel);
        }
    }

    /// <summary>Reads from a connection; nothing for <see cref="DownloadOptions.StallTimeout"/> counts as a cut.</summary>
    /// <exception cref="TransientFaultException">The connection failed or stalled.</exception>
    public async Task<T> UnlessStalledAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancel)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stall.CancelAfter(_options.StallTimeout);
        try
        {
            return await read(stall.Token);
        }
        catch (OperationCanceledException fault) when (!cancel.IsCancellationRequested)
        {
            throw new TransientFaultException($"nothing came from {_client.BaseAddress!.Authority} for {_options.StallTimeout.TotalSeconds:0.#} s", inner: fault);
        }
        catch (HttpRequestException fault) when (fault.InnerException is AuthenticationException)
        {
            throw new WorkException(
                $"The certificate of {_client.BaseAddress!.Authority} is not trusted ({fault.InnerException.Message}), so no password was sent. Check this machine's clock and certificates, and any proxy.", fault);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw new TransientFaultException($"the connection to {_client.BaseAddress!.Authority} failed ({fault.Message.TrimEnd('.')})", inner: fault);
        }
    }

    /// <summary>The fault for an answer that gives something else than was asked for.</summary>
    public WorkException Refused(HttpStatusCode status, string what) => (int)status switch
    {
        301 or 302 or 303 or 307 or 308 or 401 or 403 => new WorkException(
            $"The server does not give {what} ({(int)status}): the session has ended, or your account may not have it. Look at {AddressOf("downloads/")} in a browser and accept open terms there, then run the command again."),
        404 or 410 => new WorkException($"The server does not have {what} ({(int)status}). Look for it at {AddressOf("downloads/")} in a browser."),
        _ => new WorkException($"The server answered {(int)status} when asked for {what}. Try again later, or download it at {AddressOf("downloads/")} in a browser."),
    };

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
