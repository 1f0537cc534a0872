using System.Net;
using System.Net.Http.Headers;
using Tessera.Core;

namespace Tessera.Data;

/// <summary>Brings the bytes of one package into its partial file, from where the file ends, over as many connections as it takes.</summary>
internal sealed class PackageTransfer(
    CityscapesConnection connection, DownloadOptions options, CityscapesPackage package, PartialFile part, Func<string, long> freeBytes,
    IProgress<DownloadProgress>? progress)
{
    private long? _total;

    /// <summary>Returns when the server has nothing more to send.</summary>
    /// <exception cref="WorkException">The server does not give the package, or the attempts are used up.</exception>
    /// <exception cref="BadFileException">The disk is full.</exception>
    public async Task ReceiveAsync(CancellationToken cancel)
    {
        var budget = new RetryBudget(options);
        long furthest = part.Length;
        while (true)
        {
            TimeSpan wait;
            try
            {
                await ReceiveOnceAsync(cancel);
                return;
            }
            catch (TransientFaultException fault)
            {
                // Only bytes never seen before are progress: a server without ranges that is cut each time would keep us for ever.
                if (part.Length > furthest)
                {
                    furthest = part.Length;
                    budget.Reset();
                }

                wait = budget.Fail(fault) ?? throw new WorkException(
                    $"The download of {package.Name} stopped at {Position()}: {fault.Message}, {options.Attempts} times in a row. {part.Path} keeps what has arrived; run the command again to go on from there.", fault);
                progress?.Report(new DownloadProgress(
                    package.Name, DownloadPhase.Waiting, part.Length, _total, 0, null, $"{fault.Message}; next attempt in {wait.TotalSeconds:0.#} s"));
            }

            await Task.Delay(wait, cancel);
        }
    }

    private string Position() => _total is { } total ? $"byte {part.Length} of {total}" : $"byte {part.Length}";

    private async Task ReceiveOnceAsync(CancellationToken cancel)
    {
        using HttpResponseMessage? response = await AskAsync(cancel);
        if (response is null)
        {
            return;
        }

        CheckKind(response.Content.Headers);
        if (response.StatusCode == HttpStatusCode.OK && part.Length > 0)
        {
            // The server knows no ranges and sends the whole package.
            part.Clear();
        }

        HttpContentHeaders headers = response.Content.Headers;
        _total = headers.ContentRange?.Length ?? (part.Length + headers.ContentLength);
        CheckSpace();
        await CopyAsync(response.Content, cancel);
        if (part.Length < _total)
        {
            throw new TransientFaultException("the server ended the transfer early");
        }
    }

    /// <summary>The answer with the missing bytes, or null where none are missing.</summary>
    private async Task<HttpResponseMessage?> AskAsync(CancellationToken cancel)
    {
        while (true)
        {
            long from = part.Length;
            HttpResponseMessage response = await connection.SendAsync(Request(from), cancel);
            ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
            bool fits = response.StatusCode == HttpStatusCode.OK
                || (response.StatusCode == HttpStatusCode.PartialContent && from > 0 && range?.From == from);
            if (fits)
            {
                return response;
            }

            using (response)
            {
                bool rangeRefused = response.StatusCode is HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable;
                if (!rangeRefused || from == 0)
                {
                    throw connection.Refused(response.StatusCode, $"package {package.Name} (packageID {package.Id})");
                }

                if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && (range?.Length ?? from) == from)
                {
                    return null;
                }
            }

            // Our part is no beginning of the server's file, or the server sends another range than was asked for.
            part.Clear();
        }
    }

    private HttpRequestMessage Request(long from)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"file-handling/?packageID={package.Id}");
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
        }

        return request;
    }

    private void CheckKind(HttpContentHeaders headers)
    {
        string? name = (headers.ContentDisposition?.FileNameStar ?? headers.ContentDisposition?.FileName)?.Trim('"');
        if (name is not null && name != package.Name)
        {
            throw new WorkException($"The server sends another file than {package.Name} for packageID {package.Id}. Nothing was written; try again later, or download it in a browser.");
        }

        if (headers.ContentType?.MediaType == "text/html")
        {
            throw new WorkException($"The server sends a web page instead of {package.Name}. Look at {connection.AddressOf("downloads/")} in a browser and accept open terms there, then run the command again.");
        }
    }

    private void CheckSpace()
    {
        string folder = Path.GetDirectoryName(part.Path)!;
        long missing = _total - part.Length ?? 0;
        long free = freeBytes(folder);
        if (missing > free)
        {
            throw new BadFileException($"{folder} has {free} bytes free, and {package.Name} needs {missing} more. Free some space or choose another folder, then run the command again; {part.Path} keeps what has arrived.");
        }
    }

    private async Task CopyAsync(HttpContent content, CancellationToken cancel)
    {
        var meter = new ProgressMeter(progress, package.Name, DownloadPhase.Receiving, part.Length, _total);
        byte[] buffer = new byte[1 << 17];
        await using Stream body = await content.ReadAsStreamAsync(cancel);
        try
        {
            while (true)
            {
                int count = await connection.UnlessStalledAsync(token => body.ReadAsync(buffer, token).AsTask(), cancel);
                if (count == 0)
                {
                    return;
                }

                await part.AppendAsync(buffer.AsMemory(0, count), cancel);
                meter.Advance(part.Length);
            }
        }
        finally
        {
            meter.Report(part.Length);
        }
    }
}
