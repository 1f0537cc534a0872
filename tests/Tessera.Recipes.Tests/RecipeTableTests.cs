namespace Tessera.Recipes.Tests;

public class RecipeTableTests
{
    private static readonly RecipeTable<int> Table = new("number", new Recipe<int>("One", _ => 1, "Un", "Eins"), new Recipe<int>("Two", _ => 2));

    [Theory]
    [InlineData("One", 1)]
    [InlineData("Eins", 1)]
    [InlineData("Two", 2)]
    public void A_name_or_an_alias_finds_its_recipe(string name, int made) => Assert.Equal(made, Table.Find(name)!.Read(null!));

    [Theory]
    [InlineData("one")]
    [InlineData("")]
    [InlineData("Three")]
    public void Any_other_name_finds_none(string name) => Assert.Null(Table.Find(name));

    [Fact]
    public void A_table_says_what_it_knows()
    {
        Assert.Equal("number", Table.What);
        Assert.Equal(["One", "Two"], Table.Recipes.Select(recipe => recipe.Name));
        Assert.Equal(["One", "Un", "Eins", "Two"], Table.Names);
    }
}
