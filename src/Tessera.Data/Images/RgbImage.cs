namespace Tessera.Data;

/// <summary>A decoded colour image.</summary>
/// <param name="Pixels">Height·Width·3 bytes, interleaved R, G, B, row by row.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="Width">Columns, at least 1.</param>
public sealed record RgbImage(byte[] Pixels, int Height, int Width);

/// <summary>A decoded label or class map.</summary>
/// <param name="Values">Height·Width bytes, one per pixel, row by row: label ids as stored, or train ids with 255 = ignored after a remap.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="Width">Columns, at least 1.</param>
public sealed record LabelImage(byte[] Values, int Height, int Width);
