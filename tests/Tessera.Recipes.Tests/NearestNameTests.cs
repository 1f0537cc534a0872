namespace Tessera.Recipes.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("Same", "same", 0)]
    public void The_distance_counts_inserted_removed_and_replaced_letters(string a, string b, int expected) =>
        Assert.Equal(expected, NearestName.Distance(a, b));

    [Theory]
    [InlineData("lr_decay", "lr_decay_id")]
    [InlineData("momentun", "momentum")]
    [InlineData("zzz", null)]
    public void Only_a_similar_name_is_proposed(string name, string? expected) =>
        Assert.Equal(expected, NearestName.Of(name, ["lr_decay_factor", "lr_decay_id", "momentum"]));
}
