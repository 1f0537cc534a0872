namespace Tessera.Runtime.Tests.Memory;

/// <summary>A fact that needs <see cref="GuardedMemory"/>; skipped with a line that says so where the system has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GuardPagesFactAttribute : FactAttribute
{
    public GuardPagesFactAttribute()
    {
        if (!GuardedMemory.IsSupported)
        {
            Skip = GuardedMemory.Requirement;
        }
    }
}

/// <summary>A theory that needs <see cref="GuardedMemory"/>; skipped with a line that says so where the system has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GuardPagesTheoryAttribute : TheoryAttribute
{
    public GuardPagesTheoryAttribute()
    {
        if (!GuardedMemory.IsSupported)
        {
            Skip = GuardedMemory.Requirement;
        }
    }
}
