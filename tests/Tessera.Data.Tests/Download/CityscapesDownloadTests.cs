using Tessera.Core;

namespace Tessera.Data.Tests;

public sealed class CityscapesDownloadTests
{
    [Fact]
    public async Task A_package_arrives_whole_checked_and_with_progress()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        DownloadedPackage done = await scene.DownloadAsync();
        Assert.Equal((scene.Final, server.Md5, false), (done.Path, done.Md5, done.AlreadyThere));
        Assert.Equal(server.Content, File.ReadAllBytes(scene.Final));
        Assert.False(File.Exists(scene.Part));
        DownloadProgress received = scene.Reports.Last(report => report.Phase == DownloadPhase.Receiving);
        Assert.Equal((server.Content.Length, (long?)server.Content.Length, TimeSpan.Zero), (received.Bytes, received.TotalBytes, received.TimeLeft));
        Assert.True(received.BytesPerSecond > 0);
        Assert.Equal((DownloadPhase.Checking, server.Content.Length), (scene.Reports[^1].Phase, scene.Reports[^1].Bytes));
    }

    [Fact]
    public async Task A_file_that_is_there_and_right_is_not_transferred_again()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        await scene.DownloadAsync();
        Assert.True((await scene.DownloadAsync()).AlreadyThere);
        Assert.Single(server.FileRequests);
    }

    [Fact]
    public async Task A_file_that_is_there_and_wrong_is_left_alone()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        Directory.CreateDirectory(scene.Folder);
        File.WriteAllText(scene.Final, "mine");
        var fault = await scene.FaultAsync<BadFileException>(() => scene.DownloadAsync());
        Assert.Contains("It was left as it is", fault.Message);
        Assert.Equal("mine", File.ReadAllText(scene.Final));
        Assert.Empty(server.FileRequests);
    }

    [Fact]
    public async Task Cut_connections_are_resumed_where_they_ended()
    {
        // More cuts than attempts: each connection that brings something starts the count again.
        using var server = new PretendCityscapes { Statuses = { ["/file-handling/"] = new([503, 502]) } };
        foreach (int cut in new[] { 100_000, 0, 50_000, 1, 1, 1 })
        {
            server.Cuts.Enqueue(cut);
        }

        using var scene = new DownloadScene(server);
        await scene.DownloadAsync();
        Assert.Equal(server.Content, File.ReadAllBytes(scene.Final));
        Assert.Equal(
            [null, null, null, "100000-", "100000-", "150000-", "150001-", "150002-", "150003-"],
            server.FileRequests.Select(head => RangeOf(head)));
        Assert.Contains(scene.Reports, report => report.Phase == DownloadPhase.Waiting && report.Note!.Contains("next attempt in"));
    }

    [Fact]
    public async Task A_transfer_that_is_cut_too_often_is_resumed_by_the_next_run()
    {
        using var server = new PretendCityscapes();
        server.Cuts.Enqueue(120_000);
        server.Cuts.Enqueue(0);
        server.Cuts.Enqueue(0);
        using var scene = new DownloadScene(server);
        var fault = await scene.FaultAsync<WorkException>(() => scene.DownloadAsync());
        Assert.Contains("stopped at byte 120000 of 300000", fault.Message);
        Assert.Contains("run the command again to go on from there", fault.Message);
        Assert.Equal(server.Content[..120_000], File.ReadAllBytes(scene.Part));
        Assert.False(File.Exists(scene.Final));

        await scene.DownloadAsync();
        Assert.Equal(server.Content, File.ReadAllBytes(scene.Final));
        Assert.Equal("120000-", RangeOf(server.FileRequests.Last()));
    }

    [Fact]
    public async Task A_stalled_connection_counts_as_cut()
    {
        using var server = new PretendCityscapes();
        server.Stalls.Enqueue(40_000);
        using var scene = new DownloadScene(server);
        await scene.DownloadAsync(options: scene.Options with { StallTimeout = TimeSpan.FromSeconds(0.5) });
        Assert.Equal(server.Content, File.ReadAllBytes(scene.Final));
        Assert.Equal([null, "40000-"], server.FileRequests.Select(head => RangeOf(head)));
        Assert.Contains(scene.Reports, report => report.Note?.StartsWith("nothing came from 127.0.0.1", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Cancelling_leaves_a_part_that_the_next_run_resumes()
    {
        using var server = new PretendCityscapes();
        server.Stalls.Enqueue(70_000);
        using var scene = new DownloadScene(server);
        using var cancel = new CancellationTokenSource();
        Task<DownloadedPackage> running = scene.DownloadAsync(cancel.Token);
        while (!running.IsCompleted && !(File.Exists(scene.Part) && new FileInfo(scene.Part).Length == 70_000))
        {
            await Task.Delay(5);
        }

        cancel.Cancel();
        await scene.FaultAsync<OperationCanceledException>(() => running);
        Assert.Equal(server.Content[..70_000], File.ReadAllBytes(scene.Part));

        await scene.DownloadAsync();
        Assert.Equal(server.Content, File.ReadAllBytes(scene.Final));
        Assert.Equal("70000-", RangeOf(server.FileRequests.Last()));
    }

    [Fact]
    public async Task A_server_without_ranges_sends_the_package_again_from_the_start()
    {
        using var server = new PretendCityscapes { Ranges = false };
        server.Cuts.Enqueue(100_000);
        using var scene = new DownloadScene(server);
        scene.LeavePart(new byte[5]);
        await scene.DownloadAsync();
        Assert.Equal(server.Content, File.ReadAllBytes(scene.Final));
        Assert.Equal(["5-", "100000-"], server.FileRequests.Select(head => RangeOf(head)));
    }

    [Fact]
    public async Task A_server_without_ranges_that_is_always_cut_does_not_keep_us_for_ever()
    {
        using var server = new PretendCityscapes { Ranges = false };
        foreach (int cut in new[] { 90_000, 80_000, 90_000, 90_000 })
        {
            server.Cuts.Enqueue(cut);
        }

        using var scene = new DownloadScene(server);
        await scene.FaultAsync<WorkException>(() => scene.DownloadAsync());
        Assert.Equal(3, server.FileRequests.Count());
    }

    [Fact]
    public async Task A_complete_part_is_only_checked()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        scene.LeavePart(server.Content);
        await scene.DownloadAsync();
        Assert.Equal(server.Content, File.ReadAllBytes(scene.Final));
        Assert.Equal("300000-", RangeOf(Assert.Single(server.FileRequests)));
    }

    [Fact]
    public async Task A_part_longer_than_the_package_starts_again()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        scene.LeavePart(new byte[300_001]);
        await scene.DownloadAsync();
        Assert.Equal(server.Content, File.ReadAllBytes(scene.Final));
        Assert.Equal(["300001-", null], server.FileRequests.Select(head => RangeOf(head)));
    }

    private static string? RangeOf(string head) => head.Split("\r\n")
        .FirstOrDefault(line => line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))?.Split('=')[1];
}
