namespace Tessera.Cli.Alignment;

/// <summary>One of the forms of the network that must compute the same bits.</summary>
internal interface IRunner : IDisposable
{
    /// <summary>Its name in the table.</summary>
    string Name { get; }

    /// <summary>Runs the images of a batch.</summary>
    /// <param name="images">count·height·width·3 int8 values, interleaved.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="height">Rows of each.</param>
    /// <param name="width">Columns of each.</param>
    /// <returns>One result for each image, in order.</returns>
    RunnerOutput[] Run(sbyte[] images, int count, int height, int width);
}
