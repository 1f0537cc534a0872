using Tessera.Runtime.Tests.Kernels;
using Tessera.Runtime.Tests.Memory;

namespace Tessera.Runtime.Tests.Processes;

/// <summary>What a child process of the tests does; started by <see cref="TestChild"/>.</summary>
internal static class ChildJobs
{
    public const string GuardedKernels = "guarded-kernels", ReadBehindGuard = "read-behind-guard";

    private static readonly Dictionary<string, Action> Jobs = new()
    {
        [GuardedKernels] = RunGuardedKernels,
        [ReadBehindGuard] = ReadOneByteTooFar,
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
}
