using System.Diagnostics;
using System.Runtime.Intrinsics;
using Tessera.Runtime;
using Tessera.Runtime.Kernels;
using Tessera.Runtime.Kernels.Vectors;

unsafe
{
    foreach (var (cin, cout, px) in new[] { (8,16,1024), (16, 32, 512), (32, 32, 512), (64, 64, 256), (128, 128, 128), (256, 256, 64), (512, 512, 32), (32,19,512) })
    {
        var random = new Random(1);
        var conv = new ConvInstruction("x", 0, null, 1)
        {
            Kernel = 1, Stride = 1, Padding = 0, Groups = 1, Relu = true,
            Weights = [.. Enumerable.Range(0, cin * cout).Select(_ => (sbyte)Math.Clamp((random.NextDouble()+random.NextDouble()+random.NextDouble()-1.5)*80, -128, 127))],
            Bias = new int[cout], Multipliers = [.. Enumerable.Repeat(0.001f, cout)],
        };
        ConvRowKernel[] kernels = [
            new PointwiseKernel<Vector512<byte>, Avx512Isa, PairwiseDot<Vector512<byte>, Avx512Isa>>("avx512", conv, px),
            new PointwiseKernel<Vector256<byte>, Avx2Isa, PairwiseDot<Vector256<byte>, Avx2Isa>>("avx2", conv, px),
            new PointwiseKernel<Vector128<byte>, PortableIsa, PairwiseDot<Vector128<byte>, PortableIsa>>("portable", conv, px)];
        var inp = new AlignedBuffer(cin * px + 64); var outp = new AlignedBuffer(cout * px);
        for (int i = 0; i < cin * px; i++) inp.Pointer[i] = (byte)random.Next(128);
        byte*[] rows = [inp.Pointer];
        foreach (var k in kernels)
        {
            double best = 1e9;
            fixed (byte** r = rows)
            {
                for (int rep = 0; rep < 10; rep++)
                {
                    int n = Math.Max(1, (int)(20_000_000L / ((long)cin * cout * px / 40)));
                    long t = Stopwatch.GetTimestamp();
                    for (int i = 0; i < n; i++) k.Run(new ConvRow { Inputs = r, Output = outp.Pointer });
                    best = Math.Min(best, Stopwatch.GetElapsedTime(t).TotalSeconds / n);
                }
            }
            long hash = 0; for (int i = 0; i < cout * px; i++) hash = hash * 31 + outp.Pointer[i];
            Console.Write($"{cin}->{cout} {k.Name} {(long)cin * cout * px / best / 1e9:F1} GMAC/s #{hash:x8}   ");
        }
        Console.WriteLine();
    }
}
