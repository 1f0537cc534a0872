namespace Tessera.Architecture.Tests;

/// <summary>A fact about tracked files, skipped where the sources are not a git checkout.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresGitFactAttribute : FactAttribute
{
    public RequiresGitFactAttribute()
    {
        if (!Repository.IsTracked)
            Skip = "The sources are not a git checkout.";
    }
}
