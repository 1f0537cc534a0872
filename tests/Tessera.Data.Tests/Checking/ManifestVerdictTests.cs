using Tessera.Core;
using Tessera.TestKit;

namespace Tessera.Data.Tests.Checking;

public sealed class ManifestVerdictTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sound_pack_may_be_trained()
    {
        ManifestVerdict verdict = Judge(Make.Ids(40, 60), LabelEncoding.Cityscapes, 19);
        Assert.Empty(verdict.Findings);
        verdict.Require(trustData: false);
    }

    [Fact]
    public void Another_number_of_classes_is_refused() => Refused(Judge(Make.Ids(40, 60), LabelEncoding.Cityscapes, 11), "other-classes", "the pack has 19 classes and the configuration 11");

    [Fact]
    public void Another_name_or_order_of_classes_is_refused_unless_trusted()
    {
        string[] names = Names(19);
        (names[3], names[4]) = (names[4], names[3]);
        ManifestVerdict verdict = Judge(Make.Ids(40, 60), LabelEncoding.Cityscapes, names);
        Refused(verdict, "other-classes", "class 3 is 'wall' in the pack and 'fence' in the configuration");
        verdict.Require(trustData: true);
    }

    [Fact]
    public void Labels_without_any_class_are_refused() => Refused(Judge(new LabelImage(new byte[2400], 40, 60), LabelEncoding.Cityscapes, 19), "nothing-to-learn", "No pixel");

    [Fact]
    public void Values_that_mean_nothing_are_refused()
    {
        LabelImage label = Make.Ids(40, 60);
        label.Values[7] = 77;
        Refused(Judge(label, LabelEncoding.Cityscapes, 19), "unknown-value", "1 label pixels mean no class, the first with the value 77");
    }

    [Fact]
    public void Train_ids_that_pass_for_label_ids_are_refused_unless_trusted()
    {
        var label = new LabelImage([.. Make.TrainIds(40, 60).Values.Select(id => id == 255 ? (byte)0 : id)], 40, 60);
        ManifestVerdict verdict = Judge(label, LabelEncoding.Cityscapes, 19);
        Refused(verdict, "encoding", "--labels ids --ids 0..18=0..18,255=255");
        verdict.Require(trustData: true);
    }

    [Fact]
    public void One_class_alone_is_refused_for_training_and_may_be_validated()
    {
        var road = new LabelImage([.. Enumerable.Range(0, 2400).Select(i => (byte)(i < 1200 ? 7 : 0))], 40, 60);
        Refused(Judge(road, LabelEncoding.Cityscapes, 19, isTraining: true), "single-class", "Only the class 'road' occurs");
        Directory.Delete(_folder.Combine("p"), recursive: true);
        Assert.True(Judge(road, LabelEncoding.Cityscapes, 19).MayTrain);
    }

    [Fact]
    public void A_pack_without_a_manifest_is_not_judged()
    {
        using (var writer = new LmdbFileWriter(_folder.Combine("data.mdb")))
        {
            writer.Put("0"u8, "a"u8);
            writer.Complete();
        }

        using SegmentationDataset dataset = SegmentationDataset.Open(_folder.Path);
        Assert.True(ManifestVerdict.Of(dataset, Names(19)).MayTrain);
    }

    private static string[] Names(int count) => [.. ClassTable.Cityscapes.Classes.Take(count).Select(entry => entry.Name)];

    private ManifestVerdict Judge(LabelImage label, LabelEncoding encoding, int classes, bool isTraining = false) => Judge(label, encoding, Names(classes), isTraining);

    private ManifestVerdict Judge(LabelImage label, LabelEncoding encoding, string[] classes, bool isTraining = false)
    {
        using (var writer = new LmdbPackWriter(_folder.Combine("p"), encoding))
        {
            writer.Add(SampleRecord.Encode(Make.Image(40, 60), label, "x"), "x");
            writer.Complete();
        }

        using SegmentationDataset dataset = SegmentationDataset.Open(_folder.Combine("p"));
        return ManifestVerdict.Of(dataset, classes, isTraining);
    }

    private static void Refused(ManifestVerdict verdict, string code, string message)
    {
        Assert.False(verdict.MayTrain);
        Assert.Contains(code, verdict.Findings.Select(finding => finding.Code));
        var fault = Assert.Throws<BadFileException>(() => verdict.Require(trustData: false));
        Assert.Contains(message, fault.Message);
        Assert.Contains("--trust-data", fault.Message);
    }
}
