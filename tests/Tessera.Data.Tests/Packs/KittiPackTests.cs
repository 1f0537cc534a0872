using Tessera.TestKit;

namespace Tessera.Data.Tests.Packs;

public class KittiPackTests
{
    [RequiresSampleFact]
    public void The_real_sample_survives_packing_pixel_by_pixel_with_the_18_classes_that_occur_in_it()
    {
        using var target = new TempFolder();
        var seen = new bool[256];
        foreach ((string split, int count) in new[] { ("train", 17), ("val", 5) })
        {
            PackResult result = Packer.Run(new PackOptions { SrcDataDir = SampleData.Kitti, SplitName = split, TargetDataDir = target.Path });
            Assert.Equal(count, result.Count);
            IReadOnlyList<ImageLabelPair> pairs = CityscapesLayout.List(SampleData.Kitti, split);
            using SegmentationDataset dataset = SegmentationDataset.Open(result.Path);
            for (int i = 0; i < count; i++)
            {
                SegmentationSample sample = dataset.Read(i);
                LabelImage ids = ImageFile.ReadLabel(pairs[i].LabelPath);
                Assert.Equal(pairs[i].Name, sample.Name);
                Assert.Equal(ImageFile.ReadRgb(pairs[i].ImagePath).Pixels, sample.Image.Pixels);
                Assert.Equal(ids.Values.Select(id => CityscapesLabels.TrainIds[id]), sample.Label.Values);
                foreach (byte trainId in sample.Label.Values)
                {
                    seen[trainId] = true;
                }
            }
        }

        // Counted apart from this code: label id 32 (motorcycle, train id 17) is in none of the 22 files.
        Assert.Equal([.. Enumerable.Range(0, 19).Except([17]), 255], Enumerable.Range(0, 256).Where(id => seen[id]));
    }
}
