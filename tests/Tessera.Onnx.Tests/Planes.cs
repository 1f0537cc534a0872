namespace Tessera.Onnx.Tests;

/// <summary>Between the interleaved layout of Tessera's runtime and the planes of ONNX.</summary>
internal static class Planes
{
    /// <summary>H×W×C to C×H×W.</summary>
    public static T[] From<T>(ReadOnlySpan<T> interleaved, int channels)
    {
        int pixels = interleaved.Length / channels;
        var planes = new T[interleaved.Length];
        for (int i = 0; i < planes.Length; i++)
        {
            planes[(i % channels * pixels) + (i / channels)] = interleaved[i];
        }

        return planes;
    }
}
