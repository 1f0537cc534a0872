using Tessera.Core;

namespace Tessera.Data.Tests.Labels;

public sealed class ClassTableFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_alone_make_a_table_with_distinct_colours()
    {
        string names = string.Join(", ", Enumerable.Range(0, 40).Select(i => $"\"class {i}\""));
        ClassTableDescription table = Read($"{{\"classes\": [\"sky\", {names}]}}");
        Assert.Equal((41, 255, null), (table.Classes.Count, table.Ignore, table.Ids));
        Assert.Equal(new ClassEntry("sky", 128, 128, 128), table.Classes.Classes[0]);
        Assert.Equal(41, table.Classes.Classes.Select(entry => (entry.Red, entry.Green, entry.Blue)).Append(((byte)0, (byte)0, (byte)0)).Distinct().Count() - 1);
    }

    [Fact]
    public void Colours_ids_and_the_ignored_value_are_read()
    {
        ClassTableDescription table = Read("""{"classes": [{"name": "a", "color": [1, 2, 3], "ids": [4, 5]}, {"name": "b"}], "ignore": 9, "ignore_ids": [0]}""");
        Assert.Equal(new ClassEntry("a", 1, 2, 3), table.Classes.Classes[0]);
        Assert.Equal(9, table.Ignore);
        Assert.Equal(new Dictionary<int, int> { [4] = 0, [5] = 0, [0] = 255 }, table.Ids);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"classes": []}""")]
    [InlineData("""{"classes": [1]}""")]
    [InlineData("""{"classes": ["a", "a"]}""")]
    [InlineData("""{"classes": ["re\u001b[31md"]}""")]
    [InlineData("""{"classes": ["\u202Eder"]}""")]
    [InlineData("""{"classes": [""]}""")]
    [InlineData("""{"classes": [{"color": [1, 2, 3]}]}""")]
    [InlineData("""{"classes": [{"name": "a", "color": [1, 2]}]}""")]
    [InlineData("""{"classes": [{"name": "a", "color": [1, 2, 300]}]}""")]
    [InlineData("""{"classes": [{"name": "a", "ids": [1]}, {"name": "b", "ids": [1]}]}""")]
    public void Another_form_is_an_error_that_names_the_file(string json) =>
        Assert.Contains(_folder.Combine("c.json"), Assert.Throws<BadFileException>(() => Read(json)).Message);

    [Fact]
    public void A_missing_file_is_an_error_that_names_it() =>
        Assert.Contains("none.json", Assert.Throws<BadFileException>(() => ClassTableFile.Read(_folder.Combine("none.json"))).Message);

    private ClassTableDescription Read(string json)
    {
        File.WriteAllText(_folder.Combine("c.json"), json);
        return ClassTableFile.Read(_folder.Combine("c.json"));
    }
}
