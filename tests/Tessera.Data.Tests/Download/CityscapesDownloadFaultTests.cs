using Tessera.Core;

namespace Tessera.Data.Tests;

public sealed class CityscapesDownloadFaultTests
{
    [Fact]
    public async Task Wrong_bytes_are_removed_and_the_next_run_downloads_anew()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        scene.LeavePart([1, 2, 3]);
        var fault = await scene.FaultAsync<BadFileException>(() => scene.DownloadAsync());
        Assert.Contains($"but the server states {server.Md5}. The wrong file was removed; run the command again", fault.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(scene.Folder));

        await scene.DownloadAsync();
        Assert.Equal(server.Content, File.ReadAllBytes(scene.Final));
    }

    [Fact]
    public async Task A_checksum_page_without_a_checksum_is_a_failure_before_the_transfer()
    {
        using var server = new PretendCityscapes { Md5Page = $"<html>{PretendCityscapes.Password}" };
        using var scene = new DownloadScene(server);
        var fault = await scene.FaultAsync<WorkException>(() => scene.DownloadAsync());
        Assert.Contains("something else than the checksum of gtFine_trainvaltest.zip", fault.Message);
        Assert.Empty(server.FileRequests);
    }

    [Theory]
    [InlineData(404, "does not have package gtFine_trainvaltest.zip (packageID 1) (404)")]
    [InlineData(403, "your account may not have it")]
    [InlineData(302, "your account may not have it")]
    [InlineData(418, "answered 418")]
    public async Task A_listed_package_that_the_server_does_not_give_is_a_failure_that_keeps_the_part(int status, string reason)
    {
        using var server = new PretendCityscapes { Statuses = { ["/file-handling/"] = new([status]) } };
        using var scene = new DownloadScene(server);
        scene.LeavePart(server.Content[..10]);
        var fault = await scene.FaultAsync<WorkException>(() => scene.DownloadAsync());
        Assert.Contains(reason, fault.Message);
        Assert.Equal(10, new FileInfo(scene.Part).Length);
    }

    [Fact]
    public async Task A_package_without_a_checksum_page_is_a_failure()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        using CityscapesDownload download = await scene.LoggedInAsync();
        var fault = await scene.FaultAsync<WorkException>(() => download.DownloadAsync("gtCoarse.zip", scene.Folder));
        Assert.Contains("does not have the checksum of gtCoarse.zip (packageID 2) (404)", fault.Message);
    }

    [Fact]
    public async Task Another_file_than_the_one_asked_for_is_not_written()
    {
        using var server = new PretendCityscapes { FileName = "gtCoarse.zip" };
        using var scene = new DownloadScene(server);
        scene.LeavePart(server.Content[..10]);
        var fault = await scene.FaultAsync<WorkException>(() => scene.DownloadAsync());
        Assert.Contains("sends another file than gtFine_trainvaltest.zip", fault.Message);
        Assert.Equal(10, new FileInfo(scene.Part).Length);
    }

    [Fact]
    public async Task A_web_page_is_not_taken_for_a_package()
    {
        using var server = new PretendCityscapes { ContentType = "text/html; charset=utf-8" };
        using var scene = new DownloadScene(server);
        var fault = await scene.FaultAsync<WorkException>(() => scene.DownloadAsync());
        Assert.Contains("a web page instead of gtFine_trainvaltest.zip", fault.Message);
    }

    [Fact]
    public async Task Too_little_free_space_is_said_before_the_transfer_and_keeps_the_part()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        scene.LeavePart(server.Content[..100_000]);
        var fault = await scene.FaultAsync<BadFileException>(() => scene.DownloadAsync(freeBytes: _ => 199_999));
        Assert.Contains("has 199999 bytes free, and gtFine_trainvaltest.zip needs 200000 more", fault.Message);
        Assert.Equal(100_000, new FileInfo(scene.Part).Length);
        await scene.DownloadAsync(freeBytes: _ => 200_000);
    }

    [RequiresFullDeviceFact]
    public async Task A_disk_that_fills_up_is_one_clear_error()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        Directory.CreateDirectory(scene.Folder);
        File.CreateSymbolicLink(scene.Part, RequiresFullDeviceFactAttribute.Device);
        var fault = await scene.FaultAsync<BadFileException>(() => scene.DownloadAsync());
        Assert.Contains($"Cannot write {scene.Part}: The disk is full. Free some space and run the command again", fault.Message);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_one_clear_error()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        File.WriteAllText(scene.Folder, "a file where the folder belongs");
        var fault = await scene.FaultAsync<BadFileException>(() => scene.DownloadAsync());
        Assert.StartsWith($"Cannot write {scene.Part}: ", fault.Message);
    }

    [Fact]
    public async Task Two_downloads_to_one_file_do_not_mix()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        scene.LeavePart([]);
        using (new FileStream(scene.Part, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            var fault = await scene.FaultAsync<BadFileException>(() => scene.DownloadAsync());
            Assert.Contains("let one download at a time run in it", fault.Message);
        }
    }
}
