using Tessera.Core;

namespace Tessera.Data.Tests;

public sealed class CityscapesLoginTests
{
    [Fact]
    public async Task Log_in_sends_the_form_once_with_the_session_of_the_login_page()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        using CityscapesDownload download = await scene.LoggedInAsync();
        Assert.Single(server.Forms);
        Assert.Equal(["GET /login HTTP/1.1", "POST /login HTTP/1.1"], server.Heads.Select(head => head.Split("\r\n")[0]));
    }

    [Fact]
    public async Task A_wrong_password_is_a_usage_error_that_repeats_neither_user_nor_password()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        using var download = new CityscapesDownload(scene.Options);
        var fault = await scene.FaultAsync<UsageException>(
            () => download.LogInAsync(new CityscapesAccount(PretendCityscapes.User, PretendCityscapes.Password + "x")));
        Assert.Contains("does not accept this user name and password", fault.Message);
        Assert.Contains($"{server.Address}login in a browser", fault.Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => download.ListAsync());
    }

    [Fact]
    public async Task A_server_that_is_busy_for_a_moment_is_asked_again()
    {
        using var server = new PretendCityscapes { Statuses = { ["/login"] = new([503, 429]) } };
        using var scene = new DownloadScene(server);
        using CityscapesDownload download = await scene.LoggedInAsync();
        Assert.Equal(4, (await download.ListAsync()).Count);
    }

    [Fact]
    public async Task A_server_that_stays_broken_is_a_failure_that_states_its_answer()
    {
        using var server = new PretendCityscapes { Statuses = { ["/login"] = new([500, 500, 500]) } };
        using var scene = new DownloadScene(server);
        var fault = await scene.FaultAsync<WorkException>(() => scene.LoggedInAsync());
        Assert.Contains("the server answered 500 to /login, 3 times in a row", fault.Message);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_a_failure_that_names_it()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        server.Dispose();
        var fault = await scene.FaultAsync<WorkException>(() => scene.LoggedInAsync());
        Assert.Contains($"the connection to 127.0.0.1:{scene.Options.Server.Port} failed", fault.Message);
    }

    [Theory]
    [InlineData("http://www.cityscapes-dataset.com/", "is not https")]
    [InlineData("https://me:hushhush@www.cityscapes-dataset.com/", "without user name, password")]
    [InlineData("https://www.cityscapes-dataset.com/?password=hushhush", "without user name, password")]
    [InlineData("ftp://127.0.0.1/", "must be a plain address")]
    public void A_server_to_which_a_password_must_not_go_is_refused(string server, string reason)
    {
        var fault = Assert.Throws<UsageException>(() => new CityscapesDownload(new DownloadOptions { Server = new Uri(server) }));
        Assert.Contains(reason, fault.Message);
        Assert.DoesNotContain("hushhush", fault.Message);
    }

    [Theory]
    [InlineData("", "p", "user name")]
    [InlineData("u", "", "password")]
    public void An_empty_account_is_a_usage_error(string user, string password, string missing)
    {
        var fault = Assert.Throws<UsageException>(() => new CityscapesAccount(user, password));
        Assert.Contains($"The {missing} of the Cityscapes account is empty", fault.Message);
    }
}
