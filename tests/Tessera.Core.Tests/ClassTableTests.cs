namespace Tessera.Core.Tests;

public class ClassTableTests
{
    [Fact]
    public void Cityscapes_has_its_19_classes_with_different_names_and_colours()
    {
        Assert.Equal(19, ClassTable.Cityscapes.Count);
        Assert.Equal(19, ClassTable.Cityscapes.Classes.Select(entry => entry.Name).Distinct().Count());
        Assert.Equal(19, ClassTable.Cityscapes.Classes.Select(entry => (entry.Red, entry.Green, entry.Blue)).Distinct().Count());
        Assert.Equal(new ClassEntry("road", 128, 64, 128), ClassTable.Cityscapes.Classes[0]);
        Assert.Equal(new ClassEntry("bicycle", 119, 11, 32), ClassTable.Cityscapes.Classes[18]);
    }

    [Fact]
    public void A_table_has_between_1_and_255_classes()
    {
        Assert.Throws<ArgumentException>(() => new ClassTable([]));
        Assert.Throws<ArgumentException>(() => new ClassTable(new ClassEntry[256]));
        Assert.Equal(255, new ClassTable([.. Enumerable.Range(0, 255).Select(id => new ClassEntry($"class {id}", 0, 0, 0))]).Count);
    }

    [Theory]
    [InlineData("red\u001b[31m", "The name of class 1, 'red\\u001B[31m', has the control character U+001B. Give it another name.")]
    [InlineData("two\nlines", "has the control character U+000A")]
    [InlineData("\u202Edeorsrever", "has the control character U+202E")]
    [InlineData("", "The name of class 1, '', is empty. Give it another name.")]
    [InlineData(" \u3000", "is empty")]
    [InlineData(null, "is empty")]
    [InlineData("road", "The name of class 1, 'road', stands there twice. Give every class a name of its own.")]
    public void A_name_can_be_shown_and_told_apart(string? name, string message)
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(() => new ClassTable([new("road", 1, 2, 3), new(name!, 4, 5, 6)]));
        Assert.Contains(message, fault.Message);
        Assert.DoesNotContain(fault.Message, char.IsControl);
    }

    [Theory]
    [InlineData("Straße")]
    [InlineData("道路")]
    [InlineData("car 🚗")]
    [InlineData("traffic light (red)")]
    public void A_name_may_have_the_letters_of_any_script(string name) => Assert.Equal(name, new ClassTable([new(name, 1, 2, 3)]).Classes[0].Name);

    [Fact]
    public void Half_a_character_is_refused() =>
        Assert.Contains(@"The name of class 0, 'half\uD83D', has U+D83D, half of a character", Assert.Throws<ArgumentException>(() => new ClassTable([new("half" + "🚗"[0], 1, 2, 3)])).Message);

    [Fact]
    public void A_name_fits_into_an_artefact()
    {
        Assert.Equal(1, new ClassTable([new(new string('ä', 512), 1, 2, 3)]).Count);
        Assert.Contains("has 1026 bytes; 1024 are possible", Assert.Throws<ArgumentException>(() => new ClassTable([new(new string('ä', 513), 1, 2, 3)])).Message);
    }

    [Fact]
    public void A_table_does_not_change_with_the_list_that_it_was_made_from()
    {
        List<ClassEntry> list = [new("a", 1, 2, 3)];
        var table = new ClassTable(list);
        list[0] = new ClassEntry("b\u001b", 0, 0, 0);
        list.Add(default);
        Assert.Equal(new ClassEntry("a", 1, 2, 3), Assert.Single(table.Classes));
        Assert.Throws<ArgumentNullException>(() => new ClassTable(null!));
    }
}
