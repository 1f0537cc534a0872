using Tessera.Core;

namespace Tessera.Data.Tests.Cityscapes;

public class CityscapesLabelsTests
{
    [Fact]
    public void The_19_evaluated_ids_map_to_the_class_table_and_the_others_are_ignored()
    {
        byte[] evaluated = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];
        Assert.Equal(ClassTable.Cityscapes.Count, evaluated.Length);
        Assert.Equal(CityscapesLabels.IdCount, CityscapesLabels.TrainIds.Length);
        for (byte id = 0; id < CityscapesLabels.IdCount; id++)
        {
            int trainId = Array.IndexOf(evaluated, id);
            Assert.Equal(trainId < 0 ? ClassTable.Ignore : trainId, CityscapesLabels.TrainIds[id]);
        }
    }
}
