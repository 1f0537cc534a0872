namespace Tessera.Data;

/// <summary>A colour of an RGB label and what it means.</summary>
/// <param name="Red">0..255.</param>
/// <param name="Green">0..255.</param>
/// <param name="Blue">0..255.</param>
/// <param name="TrainId">The train id; 255 = ignored.</param>
public readonly record struct ColourClass(byte Red, byte Green, byte Blue, byte TrainId);
