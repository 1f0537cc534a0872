namespace Tessera.Programs;

/// <summary>A tensor of one image, H×W×C interleaved, one byte per element.</summary>
/// <param name="Name">The stable path of the node that makes it.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Scale"><c>real = Scale × q</c>; 0 for a class map, whose bytes are class ids.</param>
public sealed record IntegerTensor(string Name, int Height, int Width, int Channels, float Scale)
{
    /// <summary>Number of elements, which is also the number of bytes.</summary>
    public int Count => checked(Height * Width * Channels);

    /// <summary>True when the bytes are class ids, 0..254, instead of int8 values.</summary>
    public bool IsClassMap => Scale == 0;
}

/// <summary>A tensor that a program gives to its caller.</summary>
/// <param name="Name">The output's name (for example <c>class_map</c>).</param>
/// <param name="Tensor">Index of the tensor.</param>
public sealed record IntegerOutput(string Name, int Tensor);
