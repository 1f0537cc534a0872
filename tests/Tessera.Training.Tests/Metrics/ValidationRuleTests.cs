namespace Tessera.Training.Tests.Metrics;

public class ValidationRuleTests
{
    [Fact]
    public void The_map_of_stride_four_is_compared_with_every_pixel_of_the_full_label()
    {
        var label = new byte[8 * 8];
        for (int i = 0; i < label.Length; i++)
        {
            label[i] = (byte)(i % 8 < 3 ? 0 : 1);
        }

        label[0] = 255;
        var matrix = new ConfusionMatrix(2);
        ValidationRule.Score(matrix, [0, 1, 0, 1], 2, 2, label, 8, 8);

        // Column 3 is class 1 but lies in the map's first column: 8 pixels wrong, because the map knows only steps of four.
        Assert.Equal([23L, 0, 8, 32], new[] { matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1] });
    }

    [Fact]
    public void An_image_of_any_size_is_scored_pixel_by_pixel()
    {
        var matrix = new ConfusionMatrix(2);

        // Three columns over two map columns: centres at 1/3, 1, 5/3 lie in map columns 0, 1, 1.
        ValidationRule.Score(matrix, [0, 1], 1, 2, [0, 0, 1, 0, 0, 1], 2, 3);

        Assert.Equal([2L, 2, 0, 2], new[] { matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1] });
    }
}
