using Tessera.Core;

namespace Tessera.Data.Tests;

public sealed class CityscapesListTests
{
    [Fact]
    public async Task The_list_has_name_number_size_and_origin()
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        using CityscapesDownload download = await scene.LoggedInAsync();
        Assert.Equal(
            [
                new CityscapesPackage(1, "gtFine_trainvaltest.zip", "241MB", ThirdParty: false),
                new CityscapesPackage(2, "gtCoarse.zip", "1.3GB", ThirdParty: false),
                new CityscapesPackage(3, "leftImg8bit_trainvaltest.zip", "11GB", ThirdParty: false),
                new CityscapesPackage(28, "gtBbox_cityPersons_trainval.zip", "unknown", ThirdParty: true),
            ],
            await download.ListAsync());
    }

    [Theory]
    [InlineData("2KB", 2048L)]
    [InlineData("241MB", 241L << 20)]
    [InlineData("1.5 GB", 3L << 29)]
    [InlineData("unknown", null)]
    [InlineData("MB", null)]
    [InlineData("-3MB", null)]
    public void A_size_counts_in_steps_of_1024(string size, long? bytes) =>
        Assert.Equal(bytes, new CityscapesPackage(1, "a.zip", size, ThirdParty: false).ApproximateBytes);

    [Theory]
    [InlineData("<html>please log in</html>")]
    [InlineData("{\"name\": \"a.zip\"}")]
    [InlineData("[{\"name\": \"a.zip\", \"size\": \"1MB\"}]")]
    [InlineData("[{\"name\": \"a.zip\", \"packageID\": \"one\", \"size\": \"1MB\"}]")]
    [InlineData("[{\"name\": \"../a.zip\", \"packageID\": \"1\", \"size\": \"1MB\"}]")]
    [InlineData("[{\"name\": \"/etc/passwd\", \"packageID\": \"1\", \"size\": \"1MB\"}]")]
    [InlineData("[7]")]
    public async Task Something_else_than_a_list_of_packages_is_a_failure(string page)
    {
        using var server = new PretendCityscapes { ListPage = page };
        using var scene = new DownloadScene(server);
        using CityscapesDownload download = await scene.LoggedInAsync();
        var fault = await scene.FaultAsync<WorkException>(() => download.ListAsync());
        Assert.Contains("is not the list of packages", fault.Message);
    }

    [Theory]
    [InlineData("gtFine", "gtFine_trainvaltest.zip")]
    [InlineData("gtfine_trainval.zip", "gtFine_trainvaltest.zip")]
    [InlineData("leftImg8bit", "leftImg8bit_trainvaltest.zip")]
    [InlineData("gtCorase.zip", "gtCoarse.zip")]
    public async Task A_missing_package_is_a_usage_error_with_the_nearest_first(string wanted, string nearest)
    {
        using var server = new PretendCityscapes();
        using var scene = new DownloadScene(server);
        using CityscapesDownload download = await scene.LoggedInAsync();
        var fault = await scene.FaultAsync<UsageException>(() => download.DownloadAsync(wanted, scene.Folder));
        Assert.Contains($"no package \"{wanted}\" that this account may download. The nearest: {nearest},", fault.Message);
        Assert.False(Directory.Exists(scene.Folder));
    }

    [Fact]
    public async Task A_session_that_has_ended_is_said_so()
    {
        using var server = new PretendCityscapes { Statuses = { ["/downloads/"] = new([302]) } };
        using var scene = new DownloadScene(server);
        using CityscapesDownload download = await scene.LoggedInAsync();
        var fault = await scene.FaultAsync<WorkException>(() => download.ListAsync());
        Assert.Contains("does not give the list of packages (302): the session has ended", fault.Message);
    }
}
