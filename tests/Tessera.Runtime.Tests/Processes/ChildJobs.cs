using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using Tessera.Programs;
using Tessera.Runtime.Tests.Execution;
using Tessera.Runtime.Tests.Kernels;
using Tessera.Runtime.Tests.Memory;

namespace Tessera.Runtime.Tests.Processes;

/// <summary>What a child process of the tests does; started by <see cref="TestChild"/>.</summary>
internal static class ChildJobs
{
    public const string GuardedKernels = "guarded-kernels", ReadBehindGuard = "read-behind-guard", Programs = "programs", Allocations = "allocations", LongChain = "long-chain";

    private static readonly Dictionary<string, Action> Jobs = new()
    {
        [GuardedKernels] = RunGuardedKernels,
        [ReadBehindGuard] = ReadOneByteTooFar,
        [Programs] = RunPrograms,
        [Allocations] = MeasureAllocations,
        [LongChain] = RunLongChain,
    };

    public static int Main(string[] arguments)
    {
        if (arguments is not [string name] || !Jobs.TryGetValue(name, out Action? job))
        {
            Console.Error.WriteLine($"usage: one of {string.Join(", ", Jobs.Keys)}");
            return 2;
        }

        job();
        return 0;
    }

    private static void RunGuardedKernels()
    {
        foreach (KernelSet set in KernelSets.Supported)
        {
            foreach (RowPlace place in (RowPlace[])[RowPlace.BeforeGuard, RowPlace.AfterGuard])
            {
                Each(ConvCases.All, testCase => testCase.Check(set, place));
                Each(UpsampleCase.All, testCase => testCase.Check(set, place));
                Each(PoolCase.All, testCase => testCase.Check(place));
                Each(ArgMaxCase.All, testCase => testCase.Check(set, place));

                void Each<T>(IReadOnlyList<T> cases, Action<T> check)
                {
                    foreach (T testCase in cases)
                    {
                        // Said before, so that it is the last word of a child that crashes.
                        Console.WriteLine($"{set.Name} {place}: {testCase}");
                        check(testCase);
                    }
                }
            }
        }

        Console.WriteLine($"checked {KernelSets.Supported.Count} sets");
    }

    private static unsafe void ReadOneByteTooFar()
    {
        Console.WriteLine("before the read");
        using GuardedMemory memory = GuardedMemory.EndingAtGuard(10);
        Console.WriteLine($"read {memory.Pointer[10]}");
    }

    // Says which instructions there are, then runs whole programs with every set that they allow.
    private static void RunPrograms()
    {
        Console.WriteLine($"Avx512BW {Avx512BW.IsSupported && Vector512.IsHardwareAccelerated}");
        Console.WriteLine($"AvxVnni {AvxVnni.IsSupported}");
        Console.WriteLine($"Avx2 {Avx2.IsSupported}");
        Console.WriteLine($"Sse41 {Sse41.IsSupported}");
        Console.WriteLine($"Vector128 {Vector128.IsHardwareAccelerated}");
        Console.WriteLine($"best {KernelSet.Best.Name}");
        Console.WriteLine($"sets {string.Join(' ', KernelSets.Supported.Select(set => set.Name))}");
        ProgramCheck[] checks = [.. Enumerable.Range(200, 25).Select(seed => new ProgramCheck(GraphPrograms.Random(seed))), new(RealNetwork.Program(64, 128), RealNetwork.Image(64, 128))];
        using var pool = new WorkerPool(2);
        foreach (KernelSet set in KernelSets.Supported)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (ProgramCheck check in checks)
            {
                var options = new ExecutionOptions { Kernels = set, Pool = pool };
                check.Outputs(options);
                check.Layers(options);
                check.Hash(options, hash);
            }

            foreach (ConvCase testCase in ConvCases.All)
            {
                testCase.Check(set, RowPlace.AmongPoison);
            }

            Console.WriteLine($"hash-of-{set.Name} {Convert.ToHexString(hash.GetHashAndReset())}");
        }
    }

    private static void MeasureAllocations()
    {
        foreach (int threads in (int[])[1, 2])
        {
            IntegerProgram program = RealNetwork.Deploy(64, 128);
            using var model = new CompiledModel(ProgramMaker.Compiled(program), new ExecutionOptions { Threads = threads });
            sbyte[] image = RealNetwork.Image(64, 128);
            var output = new byte[program.Tensors[program.Outputs[0].Tensor].Count];
            Run(10);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Run(50);
            long after = GC.GetTotalAllocatedBytes(precise: true);
            Console.WriteLine($"bytes-with-{threads} {after - before}");

            void Run(int frames)
            {
                for (int i = 0; i < frames; i++)
                {
                    model.Run(image, output);
                }
            }
        }
    }

    // As many steps as a program may have, each reading the one before a row at a time, on a stack as small as some systems give threads.
    private static void RunLongChain()
    {
        var thread = new Thread(
            () =>
            {
                var maker = new ProgramMaker(3, 5, 4);
                int last = 0;
                for (int i = 1; i < 1024; i++)
                {
                    last = maker.Conv(last, 4, 1, 1, 0, 1, relu: i % 3 != 0);
                }

                var check = new ProgramCheck(maker.Finish("long chain", last));
                Console.WriteLine("the reference is done");
                check.Outputs(new ExecutionOptions());
            },
            maxStackSize: 256 << 10);
        thread.Start();
        thread.Join();
    }
}
