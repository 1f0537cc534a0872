namespace Tessera.Core.Tests.Files;

/// <summary>A test of what Windows has not: rights, links, devices, descriptors.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no such files." : null;
}
