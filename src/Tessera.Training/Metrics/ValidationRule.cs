using Tessera.Imaging;

namespace Tessera.Training;

/// <summary>HAT's validation rule: the class map of stride 4 is enlarged to the label's size by nearest pixel and compared pixel by pixel.</summary>
public static class ValidationRule
{
    /// <summary>Scores one image.</summary>
    /// <param name="matrix">Receives the counts.</param>
    /// <param name="map">mapHeight·mapWidth predicted classes.</param>
    /// <param name="mapHeight">Rows of the map.</param>
    /// <param name="mapWidth">Columns of the map.</param>
    /// <param name="label">labelHeight·labelWidth true classes, 255 = ignored: at input size (<see cref="EvalSize.Input"/>, the map's size
    /// times 4) or at the image's own (<see cref="EvalSize.Original"/>).</param>
    /// <param name="labelHeight">Rows of the label.</param>
    /// <param name="labelWidth">Columns of the label.</param>
    /// <exception cref="ArgumentException">A length does not match its size, or the label holds a value that is no class.</exception>
    public static void Score(ConfusionMatrix matrix, ReadOnlySpan<byte> map, int mapHeight, int mapWidth, ReadOnlySpan<byte> label, int labelHeight, int labelWidth)
    {
        byte[] enlarged = new byte[checked(labelHeight * labelWidth)];
        NearestResize.Apply(map, mapHeight, mapWidth, enlarged, labelHeight, labelWidth);
        matrix.Add(enlarged, label);
    }
}
