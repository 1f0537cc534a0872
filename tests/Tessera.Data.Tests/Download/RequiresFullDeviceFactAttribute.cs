namespace Tessera.Data.Tests;

/// <summary>A test that writes to Linux's device that is always full.</summary>
public sealed class RequiresFullDeviceFactAttribute : FactAttribute
{
    public const string Device = "/dev/full";

    public RequiresFullDeviceFactAttribute() => Skip = File.Exists(Device) ? null : $"needs {Device}, which this system does not have";
}
