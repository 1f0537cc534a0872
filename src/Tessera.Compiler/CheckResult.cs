using System.Collections.Immutable;
using Tessera.Core;

namespace Tessera.Compiler;

/// <summary>One thing in a program that a march does not support.</summary>
/// <param name="Node">The instruction's or tensor's name.</param>
/// <param name="Rule">The rule, a stable name such as <c>conv-kernel</c>.</param>
/// <param name="Received">What the program has.</param>
/// <param name="Remedy">What would be accepted.</param>
public sealed record Violation(string Node, string Rule, string Received, string Remedy)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Node}: {Rule}: {Received}. {Remedy}";
}

/// <summary>What a check found.</summary>
/// <param name="March">The march that the program was checked against.</param>
/// <param name="Violations">Everything that it does not support, in program order.</param>
/// <param name="Remarks">Things that do not stop a compilation but that its user should know.</param>
public sealed record CheckResult(string March, ImmutableArray<Violation> Violations, ImmutableArray<string> Remarks)
{
    /// <summary>True when the march supports the whole program.</summary>
    public bool IsSupported => Violations.IsEmpty;

    /// <summary>Throws when there is any violation, naming all of them.</summary>
    /// <exception cref="WorkException">The program does not fit the march.</exception>
    public void ThrowIfUnsupported()
    {
        if (!IsSupported)
        {
            throw new WorkException($"March {March} does not support this program: {string.Join(" | ", Violations)} Change the network or choose another march.");
        }
    }
}
