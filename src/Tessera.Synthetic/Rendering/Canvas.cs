namespace Tessera.Synthetic;

/// <summary>The image while it is drawn: colour, nearness and label of each pixel are written together.</summary>
internal sealed class Canvas(int height, int width)
{
    /// <summary>The nearness of what lies on the lens itself.</summary>
    public const float OnLens = float.MaxValue;

    public int Height { get; } = height;

    public int Width { get; } = width;

    /// <summary>Height·Width·3 amounts of light.</summary>
    public float[] Colour { get; } = new float[height * width * 3];

    /// <summary>One over the depth in metres; 0 where nothing has been drawn.</summary>
    public float[] Nearness { get; } = new float[height * width];

    /// <summary>Label ids.</summary>
    public byte[] Labels { get; } = new byte[height * width];

    /// <summary>Writes one pixel.</summary>
    public void Set(int index, Rgb colour, float nearness, byte label)
    {
        Nearness[index] = nearness;
        Labels[index] = label;
        int c = index * 3;
        Colour[c + 2] = colour.B;
        Colour[c + 1] = colour.G;
        Colour[c] = colour.R;
    }
}
