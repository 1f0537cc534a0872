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
        Assert.Equal(255, new ClassTable(new ClassEntry[255]).Count);
    }

    [Fact]
    public void Every_fault_for_users_has_its_exit_code()
    {
        Assert.Equal([1, 2, 3, 4], ((TesseraException[])[new WorkException("w"), new UsageException("u"), new BadFileException("b"), new DifferenceException("d")]).Select(fault => (int)fault.ExitCode));
    }
}
