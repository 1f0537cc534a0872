using System.Collections.Immutable;
using Tessera.Programs;
using Tessera.TestKit;

namespace Tessera.Compiler.Tests;

public class ChannelAdviceTests
{
    // 1 G operations per second, memory so fast that nothing waits for it.
    private static readonly March Round = March.Find("cpu") with
    {
        Alignment = new MarchAlignment { InputChannels = 4, OutputChannels = 8, VectorChannels = 16, StoredChannels = 4, MemoryBytes = 64 },
        Rates = new MarchRates { ConvolutionMacsPerSecond = 1e9, VectorOperationsPerSecond = 1e9, MemoryBytesPerSecond = 1e15, SustainedFraction = 1 },
    };

    [Fact]
    public void Each_padded_layer_says_what_it_loses_and_which_channels_cost_no_more()
    {
        IntegerProgram program = SmallPrograms.Small(1, height: 4, width: 6, classes: 5);
        Dictionary<string, ChannelAdvice> advice = ChannelAdvice.Of(program, Round).ToDictionary(layer => layer.Name);
        Assert.Equal(SmallPrograms.LayerNames.Order(StringComparer.Ordinal), advice.Keys.Order(StringComparer.Ordinal)); // no layer fills 16 and 8

        // stem: 3 of 4 inputs, which are the image's, 4 of 8 outputs; 4x6 pixels, 9 taps.
        Assert.Equal(new ChannelUse(3, 4, IsFixed: true), advice["stem"].Inputs);
        Assert.Equal(new ChannelUse(4, 8, IsFixed: false), advice["stem"].Outputs);
        Assert.Equal(1 - (3 / 4.0 * 4 / 8), advice["stem"].Idle, 12);
        Assert.Equal(1000 * 24 * 9 * ((4 * 8) - (3 * 4)) / 1e9, advice["stem"].LostMilliseconds, 12);

        // dw: 4 of 16 vector channels, in and out alike.
        Assert.Equal(new ChannelUse(4, 16, IsFixed: false), advice["dw"].Inputs);
        Assert.Null(advice["dw"].Outputs);
        Assert.Equal(1000 * 24 * 9 * (16 - 4) / 1e9, advice["dw"].LostMilliseconds, 12);

        // logits: one output for each of five classes; fuse's 6 outputs are 8, and 0 is no channel count below.
        Assert.True(advice["logits"].Outputs is { IsFixed: true, Channels: 5, Computed: 8, Below: 0 });
        Assert.True(advice["logits"].Inputs is { IsFixed: false, Channels: 6, Computed: 8, Below: 4 });
    }

    [Fact]
    public void The_layers_that_lose_the_most_stand_first_and_full_ones_not_at_all()
    {
        ImmutableArray<ChannelAdvice> advice = ChannelAdvice.Of(RealNetwork.Deploy, March.Find("nash-m"));
        Assert.Equal("backbone.mod1.1.0.0", advice[0].Name);
        Assert.Equal(advice.Select(layer => layer.LostMilliseconds).OrderDescending(), advice.Select(layer => layer.LostMilliseconds));
        Assert.DoesNotContain(advice, layer => layer.Name == "backbone.mod2.1.1.0"); // 32 to 32 channels
        Assert.Equal(0, advice.Single(layer => layer.Name == "backbone.mod1.0.0").LostMilliseconds); // it waits for memory
    }

    [Fact]
    public void A_march_without_multiples_pads_nothing() => Assert.Empty(ChannelAdvice.Of(RealNetwork.Deploy, Round with
    {
        Alignment = Round.Alignment with { InputChannels = 1, OutputChannels = 1, VectorChannels = 1 },
    }));
}
