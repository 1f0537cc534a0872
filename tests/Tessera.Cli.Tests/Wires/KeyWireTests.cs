using Tessera.Cli.Configuration;
using Tessera.Core;

namespace Tessera.Cli.Tests.Wires;

/// <summary>No key of the configuration is idle: another value than the default gives the library another option, and the documented one.</summary>
public sealed class KeyWireTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public static TheoryData<string> Keys => [.. KeyWires.All.Select(wire => wire.Key)];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_page_has_the_programs_keys_and_no_others() => Assert.Equal(DocumentedKeys.OfProgram().Order(), DocumentedKeys.OfPage().Order());

    [Fact]
    public void Every_documented_key_has_one_wire() => Assert.Equal(DocumentedKeys.OfPage().Order(), KeyWires.All.Select(wire => wire.Key).Order());

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_key_reaches_the_library(string key)
    {
        KeyWire wire = KeyWires.All.Single(candidate => candidate.Key == key);
        if (wire.Refusal is { } refusal)
        {
            Assert.Contains(refusal, Assert.Throws<UsageException>(() => Load(wire.Set)).Message);
            return;
        }

        Assert.NotEqual(wire.Default, wire.Expected);
        Assert.Equal(wire.Default, wire.Read(Load(wire.Before)));
        Assert.Equal(wire.Expected, wire.Read(Load(wire.Set)));
    }

    private TesseraConfig Load(string[] overrides)
    {
        string classes = _folder.Write("two.json", """{"classes": ["way", "rest"]}""");
        return TesseraConfig.Load(Cli.Config("unet_mobilenetv1_cityscapes.yaml"), [.. overrides.Select(text => text.Replace("CLASSES", classes, StringComparison.Ordinal))]);
    }
}
