using System.Text;
using Tessera.Core;
using Tessera.TestKit;

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

    [Fact]
    public void Two_hundred_and_fifty_five_classes_have_colours_of_their_own_also_beside_given_ones()
    {
        string names = string.Join(", ", Enumerable.Range(0, 253).Select(i => $"\"class {i}\""));
        ClassTableDescription table = Read($"{{\"classes\": [\"sky\", {names}, {{\"name\": \"given\", \"color\": [128, 0, 0]}}]}}");
        Assert.Equal(255, table.Classes.Count);
        Assert.Equal(256, table.Classes.Classes.Select(entry => (entry.Red, entry.Green, entry.Blue)).Append(((byte)0, (byte)0, (byte)0)).Distinct().Count());
        Assert.Contains("1 to 255 classes", Assert.Throws<BadFileException>(() => Read($"{{\"classes\": [{string.Join(", ", Enumerable.Range(0, 256).Select(i => $"\"{i}\""))}]}}")).Message);
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-8", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-32", true)]
    [InlineData("utf-32", false)]
    [InlineData("utf-32BE", true)]
    [InlineData("utf-32BE", false)]
    public void Every_encoding_of_unicode_is_read(string name, bool mark)
    {
        Encoding encoding = Encoding.GetEncoding(name);
        File.WriteAllBytes(_folder.Combine("c.json"), [.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes("""{"classes": ["straße", "木"], "ignore": 9}""")]);
        ClassTableDescription table = ClassTableFile.Read(_folder.Combine("c.json"));
        Assert.Equal((9, "straße,木"), (table.Ignore, string.Join(",", table.Classes.Classes.Select(entry => entry.Name))));
    }

    [Fact]
    public void Text_in_another_encoding_is_an_error_that_says_so()
    {
        File.WriteAllBytes(_folder.Combine("c.json"), Encoding.Latin1.GetBytes("""{"classes": ["straße", "b"]}"""));
        Assert.Contains("Save it as UTF-8", Assert.Throws<BadFileException>(() => ClassTableFile.Read(_folder.Combine("c.json"))).Message);
    }

    [Fact]
    public void One_table_of_ids_and_ignored_colours_are_read()
    {
        ClassTableDescription table = Read("""{"classes": ["a", "b", "c"], "ids": {"0": 255, "1": 0, "2": 1, "3": 2}, "ignore_colors": [[1, 2, 3]]}""");
        Assert.Equal(new Dictionary<int, int> { [0] = 255, [1] = 0, [2] = 1, [3] = 2 }, table.Ids);
        Assert.Equal([new ColourClass(1, 2, 3, 255)], table.IgnoredColours);
    }

    [Theory]
    [InlineData("""{"classes": ["a"], "ids": {"x": 0}}""")]
    [InlineData("""{"classes": [{"name": "a", "ids": [1]}], "ids": {"1": 0}}""")]
    [InlineData("""{"classes": ["a"], "ignore_colors": [[1, 2]]}""")]
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
