namespace Tessera.Samples;

/// <summary>A picture of interleaved red, green and blue bytes.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">Three bytes per pixel, row by row.</param>
internal sealed record Picture(int Width, int Height, byte[] Pixels);
