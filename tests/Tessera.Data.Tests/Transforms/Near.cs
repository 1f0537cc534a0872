namespace Tessera.Data.Tests.Transforms;

internal static class Near
{
    /// <summary>Bytes that differ by at most one level, and in at most one of a hundred places.</summary>
    public static void Assert(byte[] expected, byte[] actual)
    {
        Xunit.Assert.Equal(expected.Length, actual.Length);
        int different = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            Xunit.Assert.InRange(actual[i] - expected[i], -1, 1);
            different += actual[i] != expected[i] ? 1 : 0;
        }

        Xunit.Assert.InRange(different, 0, expected.Length / 100);
    }
}
