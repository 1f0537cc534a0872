using Tessera.Core;

namespace Tessera.Training.Tests.Metrics;

public class ConfusionMatrixTests
{
    private const byte Ignore = ClassTable.Ignore;
    private static readonly string[] Names = ["a", "b", "c"];

    [Fact]
    public void Measures_match_a_matrix_computed_by_hand()
    {
        var matrix = new ConfusionMatrix(3);
        matrix.Add([0, 0, 1, 1, 1, 2, 0, 2], [0, 0, 0, 1, 1, 1, 2, 2]);

        MetricTable table = matrix.ToTable(Names);

        // truth a: 2 right, 1 as b; truth b: 2 right, 1 as c; truth c: 1 as a, 1 right.
        Assert.Equal([2L, 1, 0, 2, 1, 1], new[] { matrix[0, 0], matrix[0, 1], matrix[0, 2], matrix[1, 1], matrix[1, 2], matrix[2, 2] });
        Assert.Equal(2.0 / 4, table.Classes[0].IoU);
        Assert.Equal(2.0 / 4, table.Classes[1].IoU);
        Assert.Equal(1.0 / 3, table.Classes[2].IoU);
        Assert.Equal([2.0 / 3, 2.0 / 3, 1.0 / 2], table.Classes.Select(row => row.Accuracy));
        Assert.Equal(((2.0 / 4) + (2.0 / 4) + (1.0 / 3)) / 3, table.MeanIoU, 15);
        Assert.Equal(((2.0 / 3) + (2.0 / 3) + (1.0 / 2)) / 3, table.MeanAccuracy, 15);
        Assert.Equal(5.0 / 8, table.PixelAccuracy);
        Assert.Equal((3.0 / 8 * 0.5) + (3.0 / 8 * 0.5) + (2.0 / 8 / 3), table.FrequencyWeightedIoU, 15);
        Assert.Equal(["a", "b", "c"], table.Classes.Select(row => row.Name));
    }

    [Fact]
    public void One_matrix_over_the_set_is_not_the_mean_of_the_images()
    {
        var set = new ConfusionMatrix(2);
        var first = new ConfusionMatrix(2);
        var second = new ConfusionMatrix(2);
        foreach ((ConfusionMatrix image, byte[] predicted, byte[] truth) in new[]
        {
            (first, new byte[] { 0, 0, 0, 0 }, new byte[] { 0, 0, 0, 1 }),
            (second, new byte[] { 1, 0 }, new byte[] { 1, 1 }),
        })
        {
            set.Add(predicted, truth);
            image.Add(predicted, truth);
        }

        // Over the set: class 0 is 3 of 5, class 1 is 1 of 3. Per image: (3/4 + 0)/2 and (0 + 1/2)/2.
        Assert.Equal((0.6 + (1.0 / 3)) / 2, set.ToTable(["a", "b"]).MeanIoU, 15);
        Assert.Equal(0.3125, (first.ToTable(["a", "b"]).MeanIoU + second.ToTable(["a", "b"]).MeanIoU) / 2, 15);
    }

    [Fact]
    public void Ignored_pixels_do_not_count()
    {
        var matrix = new ConfusionMatrix(2);
        matrix.Add([0, 1, 0, 1, 255], [0, 0, Ignore, Ignore, Ignore]);

        MetricTable table = matrix.ToTable(["a", "b"]);

        Assert.Equal(2, table.PixelCount);
        Assert.Equal(1, table.Classes[1].Predicted);
        Assert.Equal([0.5, 0.0], table.Classes.Select(row => row.IoU));
    }

    [Theory]
    [InlineData(255)]
    [InlineData(2)]
    [InlineData(200)]
    public void A_prediction_outside_the_table_misses_the_true_class_and_is_a_false_positive_of_none(byte value)
    {
        var matrix = new ConfusionMatrix(2);
        matrix.Add([value, 0, 1], [0, 0, 1]);

        MetricTable table = matrix.ToTable(["a", "b"]);

        Assert.Equal(1, matrix[0, 2]);
        Assert.Equal([0.5, 1.0], table.Classes.Select(row => row.IoU));
        Assert.Equal([0.5, 1.0], table.Classes.Select(row => row.Accuracy));
        Assert.Equal([1L, 1L], table.Classes.Select(row => row.Predicted));
    }

    [Fact]
    public void A_class_that_is_neither_true_nor_predicted_is_left_out_of_the_mean()
    {
        var matrix = new ConfusionMatrix(3);
        matrix.Add([0, 0, 1, 1], [0, 0, 0, 1]);

        MetricTable table = matrix.ToTable(Names);

        Assert.True(double.IsNaN(table.Classes[2].IoU));
        Assert.Equal(((2.0 / 3) + 0.5) / 2, table.MeanIoU, 15);
    }

    [Fact]
    public void A_class_that_is_only_predicted_counts_as_zero_and_has_no_accuracy()
    {
        var matrix = new ConfusionMatrix(2);
        matrix.Add([0, 1], [0, 0]);

        MetricTable table = matrix.ToTable(["a", "b"]);

        Assert.Equal(0, table.Classes[1].IoU);
        Assert.True(double.IsNaN(table.Classes[1].Accuracy));
        Assert.Equal(0.25, table.MeanIoU);
        Assert.Equal(0.5, table.MeanAccuracy);
    }

    [Fact]
    public void Nothing_counted_gives_no_number()
    {
        MetricTable table = new ConfusionMatrix(2).ToTable(["a", "b"]);

        Assert.True(double.IsNaN(table.MeanIoU) && double.IsNaN(table.MeanAccuracy) && double.IsNaN(table.PixelAccuracy) && double.IsNaN(table.FrequencyWeightedIoU));
    }

    [Fact]
    public void Counts_from_many_threads_and_merged_matrices_are_those_of_plain_counting()
    {
        const int classes = 19, length = 4096, images = 16;
        var random = new Random(3);
        byte[][] predicted = [.. Enumerable.Range(0, images).Select(_ => Labels(random, length, classes))];
        byte[][] truth = [.. Enumerable.Range(0, images).Select(_ => Labels(random, length, classes))];
        var expected = new long[classes, classes + 1];
        for (int i = 0; i < images; i++)
        {
            for (int pixel = 0; pixel < length; pixel++)
            {
                if (truth[i][pixel] != Ignore)
                {
                    expected[truth[i][pixel], Math.Min(predicted[i][pixel], (byte)classes)]++;
                }
            }
        }

        var half = new ConfusionMatrix(classes);
        var matrix = new ConfusionMatrix(classes);
        Parallel.For(0, images, i => (i % 2 == 0 ? half : matrix).Add(predicted[i], truth[i]));
        matrix.Merge(half);

        for (int row = 0; row < classes; row++)
        {
            for (int column = 0; column <= classes; column++)
            {
                Assert.Equal(expected[row, column], matrix[row, column]);
            }
        }
    }

    [Fact]
    public void The_largest_table_of_255_classes_works()
    {
        var matrix = new ConfusionMatrix(255);
        matrix.Add([254, 255, 0], [254, 254, Ignore]);

        Assert.Equal(1, matrix[254, 254]);
        Assert.Equal(1, matrix[254, 255]);
    }

    [Fact]
    public void A_label_outside_the_table_is_refused_and_counts_nothing()
    {
        var matrix = new ConfusionMatrix(2);

        ArgumentException fault = Assert.Throws<ArgumentException>(() => matrix.Add([0, 0], [0, 7]));

        Assert.Contains("7", fault.Message);
        Assert.Equal(0, matrix[0, 0]);
    }

    [Fact]
    public void Lengths_and_class_counts_must_agree()
    {
        var matrix = new ConfusionMatrix(2);
        Assert.Throws<ArgumentException>(() => matrix.Add([0], [0, 1]));
        Assert.Throws<ArgumentException>(() => matrix.Merge(new ConfusionMatrix(3)));
        Assert.Throws<ArgumentException>(() => matrix.ToTable(Names));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix(256));
    }

    /// <summary>Runs of equal labels, ignored ones among them.</summary>
    private static byte[] Labels(Random random, int length, int classes)
    {
        var labels = new byte[length];
        for (int i = 0; i < length;)
        {
            int value = random.Next(classes + 1);
            for (int run = random.Next(1, 20); run > 0 && i < length; run--)
            {
                labels[i++] = value == classes ? Ignore : (byte)value;
            }
        }

        return labels;
    }
}
