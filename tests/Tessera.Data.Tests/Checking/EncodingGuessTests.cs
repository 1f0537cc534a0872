using Tessera.Core;

namespace Tessera.Data.Tests.Checking;

public class EncodingGuessTests
{
    private static readonly byte[] Evaluated = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];

    [Fact]
    public void Correct_sets_of_few_classes_are_never_contradicted()
    {
        // 2 to 5 classes drawn at random, in any shares, with and without ignored pixels.
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            int classes = random.Next(2, 6);
            byte[] ids = [.. random.GetItems(Evaluated, classes)], trainIds = [.. Enumerable.Range(0, classes).Select(_ => (byte)random.Next(19))];
            var own = new ClassTable([.. Enumerable.Range(0, classes).Select(i => new ClassEntry($"c{i}", (byte)i, 0, 0))]);
            Assert.Equal("cityscapes-ids", Guess(LabelEncoding.Cityscapes, random, [.. ids, .. (byte[])[0, 1, 2, 3, 4, 5, 6]]));
            Assert.Equal("cityscapes-ids", Guess(LabelEncoding.Cityscapes, random, ids));
            Assert.Equal("train-ids", Guess(LabelEncoding.TrainIds(ClassTable.Cityscapes), random, [.. trainIds, 255]));
            Assert.Equal("train-ids", Guess(LabelEncoding.TrainIds(ClassTable.Cityscapes), random, trainIds));
            Assert.Equal("train-ids", Guess(LabelEncoding.TrainIds(own), random, [.. Enumerable.Range(0, classes).Select(i => (byte)i), 255]));
            Assert.Equal("train-ids", Guess(LabelEncoding.TrainIds(own, 200), random, [0, (byte)(classes - 1), 200]));
            Dictionary<int, int> shifted = Enumerable.Range(0, classes + 1).ToDictionary(i => i, i => i == 0 ? 255 : i - 1);
            Assert.Equal("ids", Guess(LabelEncoding.LabelIds(shifted, own), random, [.. Enumerable.Range(0, classes + 1).Select(i => (byte)i)]));
            Assert.Equal("ids", Guess(LabelEncoding.LabelIds(new Dictionary<int, int> { [0] = 0, [255] = 1 }, own), random, [0, 255]));
            Assert.Equal("palette", Guess(LabelEncoding.Palette(own), random, [0, 1, 255]));
        }
    }

    [Theory]
    [InlineData("train-ids", 0, 1, 2, 8, 10, 13, 255)]
    [InlineData("train-ids", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)]
    [InlineData("train-ids+1", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)]
    public void Labels_that_pass_for_Cityscapes_ids_are_told_where_values_tell(string encoding, params int[] values) =>
        Certain(encoding, LabelEncoding.Cityscapes, values);

    [Theory]
    [InlineData("cityscapes-ids", 7, 11, 23)]
    [InlineData("cityscapes-ids", 0, 1, 2, 3, 7, 8, 26)]
    public void Cityscapes_ids_that_pass_for_train_ids_are_told_where_values_tell(string encoding, params int[] values) =>
        Certain(encoding, LabelEncoding.TrainIds(ClassTable.Cityscapes), values);

    [Theory]
    [InlineData(0, 1, 2, 3)]
    [InlineData(1, 2, 3)]
    [InlineData(1, 2, 3, 255)]
    public void Values_from_one_on_are_told(params int[] values) =>
        Certain("train-ids+1", LabelEncoding.TrainIds(new ClassTable([new("a", 1, 0, 0), new("b", 2, 0, 0), new("c", 3, 0, 0)])), values);

    [Fact]
    public void A_class_more_than_declared_beside_ignored_pixels_fits_nothing() =>
        Assert.Null(EncodingGuess.FromValues(Count(0, 1, 2, 3, 255), LabelMeaning.TrainIds(new ClassTable([new("a", 1, 0, 0), new("b", 2, 0, 0), new("c", 3, 0, 0)]))));

    [Fact]
    public void A_stray_value_does_not_make_another_encoding()
    {
        long[] pixels = Count(0, 1, 2);
        pixels[3] = 1;
        Assert.Equal("train-ids", EncodingGuess.FromValues(pixels, LabelMeaning.TrainIds(new ClassTable([new("a", 1, 0, 0), new("b", 2, 0, 0), new("c", 3, 0, 0)])))!.Encoding);
    }

    private static void Certain(string encoding, LabelEncoding declared, int[] values)
    {
        EncodingGuess guess = EncodingGuess.FromValues(Count(values), LabelMeaning.Of(declared))!;
        Assert.Equal(encoding, guess.Encoding);
        Assert.InRange(guess.Confidence, EncodingGuess.Certain, 1);
    }

    private static string Guess(LabelEncoding declared, Random random, byte[] values)
    {
        var pixels = new long[256];
        foreach (byte value in values)
        {
            pixels[value] = 1 + (long)Math.Pow(10, random.NextDouble() * 7);
        }

        return EncodingGuess.FromValues(pixels, LabelMeaning.Of(declared))!.Encoding;
    }

    private static long[] Count(params int[] values)
    {
        var pixels = new long[256];
        Array.ForEach(values, value => pixels[value] = 10_000);
        return pixels;
    }
}
