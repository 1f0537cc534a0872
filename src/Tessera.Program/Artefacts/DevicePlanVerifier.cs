using Tessera.Core;

namespace Tessera.Programs;

/// <summary>Proves that a memory plan keeps every tensor inside the arena and no two living tensors on the same bytes.</summary>
internal static class DevicePlanVerifier
{
    private const int LargestAlignment = 4096; // a page; no march asks for more

    /// <summary>Checks the plan.</summary>
    /// <exception cref="BadFileException">The first rule that is broken.</exception>
    public static void Verify(IntegerProgram program, DevicePlan plan)
    {
        if (plan.Offsets.IsDefault || plan.Offsets.Length != program.Tensors.Length)
        {
            throw new BadFileException("The memory plan does not fit the program: it has another number of tensors.");
        }

        // More than every tensor on aligned bytes of its own is never needed: a damaged number may not take memory.
        long enough = program.Tensors.Sum(tensor => (long)tensor.Count + LargestAlignment);
        if (plan.ArenaBytes < 0 || plan.ArenaBytes > Math.Min(enough, DevicePlan.MaxArenaBytes))
        {
            throw new BadFileException($"The memory plan asks for {plan.ArenaBytes} bytes; this program may take at most {Math.Min(enough, DevicePlan.MaxArenaBytes)}. Choose a smaller image, or a higher --opt.");
        }

        TensorLifetime[] lifetimes = TensorLifetime.Of(program);
        for (int i = 0; i < program.Tensors.Length; i++)
        {
            long end = (long)plan.Offsets[i] + program.Tensors[i].Count;
            if (plan.Offsets[i] < 0 || end > plan.ArenaBytes)
            {
                throw new BadFileException($"The memory plan puts tensor {program.Tensors[i].Name} outside the arena of {plan.ArenaBytes} bytes.");
            }

            for (int j = 0; j < i; j++)
            {
                bool sameBytes = plan.Offsets[j] < end && plan.Offsets[i] < (long)plan.Offsets[j] + program.Tensors[j].Count;
                if (sameBytes && lifetimes[i].Overlaps(lifetimes[j]))
                {
                    throw new BadFileException($"The memory plan puts tensors {program.Tensors[j].Name} and {program.Tensors[i].Name} on the same bytes while both are needed.");
                }
            }
        }
    }
}
