using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Tessera.Data.Tests;

/// <summary>
/// Plays cityscapes-dataset.com on this machine: log-in form with cookie, list of packages, MD5 page, files with or without ranges.
/// Faults are ordered through its properties. It is spiteful: it repeats the password in pages, headers and error texts.
/// </summary>
public sealed class PretendCityscapes : IDisposable
{
    public const string User = "somebody@example.org";
    public const string Password = "geh&im=wort %42?";
    public const string Package = "gtFine_trainvaltest.zip";
    private const string Session = "PHPSESSID=c0ffee";
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;
    private bool _loggedIn;

    public PretendCityscapes(int bytes = 300_000)
        : this(Noise(bytes))
    {
    }

    public PretendCityscapes(byte[] content)
    {
        Content = content;
        Md5 = Convert.ToHexStringLower(MD5.HashData(Content));
        _listener.Start();
        _serving = ServeAsync();
    }

    public byte[] Content { get; }

    public string Md5 { get; set; }

    public bool Ranges { get; init; } = true;

    public string FileName { get; init; } = Package;

    public string ContentType { get; init; } = "application/zip";

    /// <summary>One entry per coming file answer: after so many bytes the connection is cut.</summary>
    public Queue<int> Cuts { get; } = new();

    /// <summary>One entry per coming file answer: after so many bytes nothing more comes.</summary>
    public Queue<int> Stalls { get; } = new();

    /// <summary>Statuses for the coming requests of a path's beginning, in order.</summary>
    public Dictionary<string, Queue<int>> Statuses { get; } = [];

    public string? ListPage { get; init; }

    public string? Md5Page { get; init; }

    /// <summary>Request line and headers of every request.</summary>
    public ConcurrentQueue<string> Heads { get; } = new();

    public ConcurrentQueue<string> Forms { get; } = new();

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public IEnumerable<string> FileRequests => Heads.Where(head => head.StartsWith("GET /file-handling/?packageID=1 ", StringComparison.Ordinal));

    /// <summary>Stops serving; may be called twice, for some tests want a dead server.</summary>
    public void Dispose()
    {
        if (_end.IsCancellationRequested)
        {
            return;
        }

        _end.Cancel();

        // The token ends the wait for a client; stopping the listener first would make that wait fail now and then.
        _serving.GetAwaiter().GetResult();
        _listener.Stop();
        _end.Dispose();
    }

    private static byte[] Noise(int bytes)
    {
        var content = new byte[bytes];
        new Random(7).NextBytes(content);
        return content;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                using NetworkStream stream = client.GetStream();
                try
                {
                    await AnswerAsync(stream);
                }
                catch (IOException)
                {
                    // The client hung up, which some tests make it do.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        (string head, string body) = await ReadRequestAsync(stream);
        if (head.Length == 0)
        {
            return;
        }

        Heads.Enqueue(head);
        string target = head.Split(' ')[1];
        string path = target.Split('?')[0];
        if (Statuses.TryGetValue(path, out Queue<int>? statuses) && statuses.TryDequeue(out int status))
        {
            await WriteAsync(stream, status, "", $"<html>Error for {User} {Password}</html>");
        }
        else if (path == "/login")
        {
            await LogInAsync(stream, head, body);
        }
        else if (!_loggedIn || !head.Contains(Session, StringComparison.Ordinal))
        {
            await WriteAsync(stream, 302, $"Location: /login?why={WebUtility.UrlEncode(Password)}\r\n", "");
        }
        else if (target == "/downloads/?list")
        {
            await WriteAsync(stream, 200, "Content-Type: application/json\r\n", ListPage ?? List());
        }
        else if (target == "/md5-sum/?packageID=1")
        {
            await WriteAsync(stream, 200, "", Md5Page ?? $"{Md5}  {Package}\n");
        }
        else if (target == "/file-handling/?packageID=1")
        {
            await SendFileAsync(stream, head);
        }
        else
        {
            await WriteAsync(stream, 404, "", "");
        }
    }

    private static string List() => """
        [{"name": "gtFine_trainvaltest.zip", "packageID": "1", "size": "241MB", "thirdparty": "0"},
         {"name": "gtCoarse.zip", "packageID": "2", "size": "1.3GB", "thirdparty": "0"},
         {"name": "leftImg8bit_trainvaltest.zip", "packageID": 3, "size": "11GB"},
         {"name": "gtBbox_cityPersons_trainval.zip", "packageID": "28", "size": "unknown", "thirdparty": "1"}]
        """;

    private async Task LogInAsync(NetworkStream stream, string head, string form)
    {
        if (head.StartsWith("GET", StringComparison.Ordinal))
        {
            await WriteAsync(stream, 200, $"Set-Cookie: {Session}; path=/; HttpOnly\r\n", "<form>");
            return;
        }

        Forms.Enqueue(form);
        _loggedIn = form == $"username={WebUtility.UrlEncode(User)}&password={WebUtility.UrlEncode(Password)}&submit=Login"
            && head.Contains(Session, StringComparison.Ordinal);
        await WriteAsync(stream, _loggedIn ? 302 : 200, _loggedIn ? $"Location: /?{form}\r\n" : "", $"<form>{form}</form>");
    }

    private async Task SendFileAsync(NetworkStream stream, string head)
    {
        string? asked = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase));
        int from = asked is null || !Ranges ? 0 : int.Parse(asked.Split('=')[1].TrimEnd('-'), CultureInfo.InvariantCulture);
        if (from > 0 && from >= Content.Length)
        {
            await WriteAsync(stream, 416, $"Content-Range: bytes */{Content.Length}\r\n", "");
            return;
        }

        string range = from > 0 ? $"Content-Range: bytes {from}-{Content.Length - 1}/{Content.Length}\r\n" : "";
        string headers = $"HTTP/1.1 {(from > 0 ? 206 : 200)} x\r\nConnection: close\r\nContent-Type: {ContentType}\r\n{range}"
            + $"Content-Disposition: attachment; filename=\"{FileName}\"\r\nContent-Length: {Content.Length - from}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(headers));
        bool stalls = Stalls.TryDequeue(out int limit);
        int count = stalls || Cuts.TryDequeue(out limit) ? Math.Min(limit, Content.Length - from) : Content.Length - from;
        await stream.WriteAsync(Content.AsMemory(from, count));
        if (stalls)
        {
            // Until the client hangs up.
            await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, _end.Token);
        }
    }

    private static async Task<(string Head, string Body)> ReadRequestAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
            {
                return ("", "");
            }

            head.Append((char)one[0]);
        }

        string? length = head.ToString().Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        byte[] body = new byte[length is null ? 0 : int.Parse(length.Split(':')[1], CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body);
        return (head.ToString(), Encoding.ASCII.GetString(body));
    }

    private static async Task WriteAsync(NetworkStream stream, int status, string headers, string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} x\r\nConnection: close\r\n{headers}Content-Length: {bytes.Length}\r\n\r\n"));
        await stream.WriteAsync(bytes);
    }
}
