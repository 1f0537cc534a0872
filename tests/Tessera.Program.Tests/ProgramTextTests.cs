using Tessera.TestKit;

namespace Tessera.Programs.Tests;

public class ProgramTextTests
{
    [Fact]
    public void A_program_reads_like_its_network()
    {
        const string Expected = """
            program small
            %img = image() : 8x12x3 scale=0.0078125
            %stem = conv(%img) kernel=3 stride=2 padding=1 groups=1 low=0 high=127 weights=108 biases=4 multipliers=4 constant_bytes=140 macs=2592 : 4x6x4 scale=0.03
            %dw = conv(%stem) kernel=3 stride=1 padding=1 groups=4 low=0 high=127 weights=36 biases=4 multipliers=4 constant_bytes=68 macs=864 : 4x6x4 scale=0.02
            %pw = conv(%dw) kernel=1 stride=1 padding=0 groups=1 low=0 high=127 weights=24 biases=6 multipliers=6 constant_bytes=72 macs=576 : 4x6x6 scale=0.05
            %down = conv(%pw) kernel=3 stride=2 padding=1 groups=6 low=-128 high=127 weights=54 biases=6 multipliers=6 constant_bytes=102 macs=324 : 2x3x6 scale=0.04
            %up = upsample(%down) row_factor=2 column_factor=2 nearest=0 : 4x6x6 scale=0.04
            %fuse = conv(%pw, %up) kernel=1 stride=1 padding=0 groups=1 low=0 high=127 residual_multiplier=0.5 weights=36 biases=6 multipliers=6 constant_bytes=84 macs=864 : 4x6x6 scale=0.06
            %logits = conv(%fuse) kernel=1 stride=1 padding=0 groups=1 low=-128 high=127 weights=30 biases=5 multipliers=5 constant_bytes=70 macs=720 : 4x6x5 scale=0.1
            %classes = argmax(%logits) : 4x6x1 classes
            output class_map = %classes
            output stride2 = %logits

            """;
        IntegerProgram program = SmallPrograms.Small(1);
        program = program.With(program.ConvNamed("fuse"), program.ConvNamed("fuse") with { ResidualMultiplier = 0.5f });
        Assert.Equal(Expected, ProgramText.Print(program));
    }

    [Fact]
    public void A_compiled_program_also_shows_where_its_tensors_live()
    {
        string[] lines = ProgramText.Print(SmallPrograms.Compiled(SmallPrograms.Small(1))).Split('\n');
        Assert.Equal(["march cpu", "opt 1", "tool 0.1.0-test", "classes class 0, class 1, class 2, class 3, class 4", "swing Full", "arena 528", "program small"], lines[..7]);
        Assert.Equal("%img = image() : 8x12x3 scale=0.0078125 at=0 live=-1..0", lines[7]);
        Assert.Equal("%classes = argmax(%logits) : 4x6x1 classes at=240 live=7..8", lines[15]);
    }
}
