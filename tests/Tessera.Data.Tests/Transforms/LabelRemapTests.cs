using Tessera.Core;

namespace Tessera.Data.Tests.Transforms;

public class LabelRemapTests
{
    [Fact]
    public void Every_id_becomes_its_train_id_also_in_place()
    {
        byte[] ids = [.. Enumerable.Range(0, 34).Select(i => (byte)i)];
        byte[] expected = CityscapesLabels.TrainIds.ToArray();
        CityscapesLabels.ToTrainIds.Apply(ids, ids, 34, "x");
        Assert.Equal(expected, ids);
    }

    [Theory]
    [InlineData(34)]
    [InlineData(255)]
    public void An_id_outside_the_table_is_an_error_that_names_sample_value_and_place(byte id)
    {
        var ids = new byte[100];
        ids[73] = id;
        var fault = Assert.Throws<BadFileException>(() => CityscapesLabels.ToTrainIds.Apply(ids, new byte[100], 10, "aachen_1"));
        Assert.Contains("aachen_1", fault.Message);
        Assert.Contains($"the value {id} at row 7, column 3", fault.Message);
    }
}
