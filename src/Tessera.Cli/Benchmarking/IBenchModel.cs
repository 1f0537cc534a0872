namespace Tessera.Cli.Benchmarking;

/// <summary>A loaded model with its image: one call, one frame.</summary>
internal interface IBenchModel : IDisposable
{
    /// <summary>Computes the class map of the image; what a caller would do for every frame, and nothing else.</summary>
    void Run();

    /// <summary>The class map of the last frame, one byte per pixel.</summary>
    byte[] ClassMap();
}
