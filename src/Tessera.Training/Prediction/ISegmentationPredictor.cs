namespace Tessera.Training;

/// <summary>Class maps of a batch.</summary>
/// <param name="Values">N·Height·Width classes.</param>
/// <param name="Height">Rows of a map: the input's divided by the finest stride.</param>
/// <param name="Width">Columns of a map.</param>
public sealed record ClassMaps(byte[] Values, int Height, int Width);

/// <summary>Whatever turns images into class maps: a stage on libtorch, the integer reference, a compiled artefact, an ONNX session.</summary>
public interface ISegmentationPredictor
{
    /// <summary>Predicts a batch.</summary>
    /// <param name="images">count·height·width·3 int8 values: YUV444 minus 128, interleaved.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="height">Rows of each image.</param>
    /// <param name="width">Columns of each image.</param>
    ClassMaps Predict(sbyte[] images, int count, int height, int width);
}
