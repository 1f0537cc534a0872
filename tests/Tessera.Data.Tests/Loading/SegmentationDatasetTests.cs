using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Loading;

public sealed class SegmentationDatasetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sample_has_its_name_its_image_and_train_ids()
    {
        using SegmentationDataset dataset = SegmentationDataset.Open(Make.Pack(_folder.Combine("p"), 3));
        SegmentationSample sample = dataset.Read(2);
        Assert.Equal((3, "sample2", 2), (dataset.Count, sample.Name, sample.Index));
        Assert.Equal(Make.Image(40, 60, 2).Pixels, sample.Image.Pixels);
        Assert.Equal(Make.Ids(40, 60, 2).Values.Select(id => CityscapesLabels.TrainIds[id]), sample.Label.Values);
    }

    [Fact]
    public void A_label_id_outside_the_table_is_an_error_that_names_the_sample_and_the_value()
    {
        using (var writer = new LmdbPackWriter(_folder.Combine("p")))
        {
            LabelImage label = Make.Ids(40, 60);
            label.Values[0] = 255;
            writer.Add(SampleRecord.Encode(Make.Image(40, 60), label, "x"), "aachen_9");
            writer.Complete();
        }

        using SegmentationDataset dataset = SegmentationDataset.Open(_folder.Combine("p"));
        var fault = Assert.Throws<BadFileException>(() => dataset.Read(0));
        Assert.Contains("aachen_9", fault.Message);
        Assert.Contains("255", fault.Message);
    }

    [Fact]
    public void Another_label_table_can_be_given()
    {
        byte[] identity = [.. Enumerable.Range(0, 34).Select(i => (byte)i)];
        using SegmentationDataset dataset = SegmentationDataset.Open(Make.Pack(_folder.Combine("p"), 1), new LabelRemap(identity));
        Assert.Equal(Make.Ids(40, 60, 0).Values, dataset.Read(0).Label.Values);
    }
}
