using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Imaging;
using Tessera.Programs;
using Tessera.Runtime.Tests.Execution;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests;

public class CompiledModelTests
{
    private static readonly IntegerProgram Program = SmallPrograms.Small(1);

    [Fact]
    public void In_a_tight_arena_every_layer_equals_the_reference_for_image_after_image()
    {
        var model = new CompiledModel(SmallPrograms.Compiled(Program));
        var reference = new ReferenceExecutor(Program);
        for (int seed = 0; seed < 20; seed++)
        {
            sbyte[] image = SmallPrograms.Image(Program, seed);
            var layers = new List<string>();
            var expected = new List<string>();
            ProgramOutputs outputs = model.Run(image, (tensor, values) => layers.Add($"{tensor.Name} {string.Join(' ', values.ToArray())}"));
            ProgramOutputs right = reference.Run(image, (tensor, values) => expected.Add($"{tensor.Name} {string.Join(' ', values.ToArray())}"));
            Assert.Equal(expected, layers);
            Assert.Equal(right["class_map"].ClassMap, outputs["class_map"].ClassMap);
            Assert.Equal(right["stride2"].Logits, outputs["stride2"].Logits);
        }
    }

    [Fact]
    public void Outputs_survive_the_next_image()
    {
        var model = new CompiledModel(SmallPrograms.Compiled(Program));
        ProgramOutputs first = model.Run(SmallPrograms.Image(Program, 1));
        sbyte[] before = first["stride2"].Logits.ToArray();
        model.Run(SmallPrograms.Image(Program, 2));
        Assert.Equal(before, first["stride2"].Logits);
    }

    [Fact]
    public void A_small_file_cannot_take_gigabytes_by_narrow_rows()
    {
        // 33 MB of pixels, in rows of one byte that each take a cache line and more.
        var maker = new ProgramMaker(1, 1 << 16, 1);
        int[] layers = new int[500];
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = maker.Conv(i == 0 ? 0 : layers[i - 1], 1, 3, 1, 1, 1, relu: true);
        }

        BadFileException fault = Assert.Throws<BadFileException>(() => new CompiledModel(ProgramMaker.Compiled(maker.Finish("narrow", layers))));
        Assert.Contains("a model may take 2048", fault.Message);
    }

    [Fact]
    public void A_disposed_model_refuses_to_run()
    {
        var model = new CompiledModel(SmallPrograms.Compiled(Program));
        model.Dispose();
        model.Dispose();
        sbyte[] image = SmallPrograms.Image(Program, 1);
        Assert.Throws<ObjectDisposedException>(() => model.Run(image));
        Assert.Throws<ObjectDisposedException>(() => model.Run(image, (_, _) => { }));
        Assert.Throws<ObjectDisposedException>(() => model.Profile(image, 1));
    }

    [Fact]
    public void Any_two_tensors_that_live_together_may_not_share_a_byte()
    {
        DevicePlan plan = SmallPrograms.TightPlan(Program);
        TensorLifetime[] lifetimes = TensorLifetime.Of(Program);
        int refused = 0;
        for (int i = 0; i < plan.Offsets.Length; i++)
        {
            for (int j = 0; j < plan.Offsets.Length; j++)
            {
                if (i != j && lifetimes[i].Overlaps(lifetimes[j]) && plan.Offsets[j] + Program.Tensors[i].Count <= plan.ArenaBytes)
                {
                    Refused(plan with { Offsets = plan.Offsets.SetItem(i, plan.Offsets[j]) }, "while both are needed");
                    refused++;
                }
            }
        }

        Assert.True(refused > 10);
    }

    [Fact]
    public void A_tensor_outside_the_arena_is_refused()
    {
        DevicePlan plan = SmallPrograms.TightPlan(Program);
        Refused(plan with { Offsets = plan.Offsets.SetItem(2, -1) }, "outside the arena");
        Refused(plan with { Offsets = plan.Offsets.SetItem(2, plan.ArenaBytes - 1) }, "outside the arena");
        Refused(plan with { Offsets = plan.Offsets.SetItem(2, int.MaxValue) }, "outside the arena");
        Refused(plan with { ArenaBytes = plan.ArenaBytes - 1 }, "outside the arena");
        Refused(plan with { ArenaBytes = 0 }, "outside the arena");
    }

    [Fact]
    public void An_impossible_arena_or_number_of_tensors_is_refused()
    {
        DevicePlan plan = SmallPrograms.TightPlan(Program);
        Refused(plan with { ArenaBytes = -1 }, "asks for -1 bytes");
        Refused(plan with { ArenaBytes = int.MaxValue }, "at most");
        Refused(plan with { Offsets = plan.Offsets.RemoveAt(0) }, "another number of tensors");
        Refused(plan with { Offsets = default }, "another number of tensors");
    }

    [Fact]
    public void Impossible_compilation_info_is_refused()
    {
        CompilationInfo info = SmallPrograms.Compiled(Program).Info;
        foreach (CompilationInfo bad in (CompilationInfo[])[info with { OptLevel = 3 }, info with { OptLevel = -1 }, info with { Classes = default }, info with { Classes = [] }, info with { Classes = info.Classes.RemoveAt(0) }, info with { Classes = [.. Enumerable.Repeat(info.Classes[0], 256)] }, info with { Swing = (YuvSwing)2 }])
        {
            Assert.Throws<BadFileException>(() => new CompiledProgram(Program, SmallPrograms.TightPlan(Program), bad));
        }
    }

    [Fact]
    public void Lifetimes_reach_from_the_writer_to_the_last_reader_or_past_the_end()
    {
        TensorLifetime[] expected = [new(-1, 0), new(0, 1), new(1, 2), new(2, 5), new(3, 4), new(4, 5), new(5, 6), new(6, 8), new(7, 8)];
        Assert.Equal(expected, TensorLifetime.Of(Program));
    }

    [Fact]
    public void The_longest_chain_that_a_file_can_hold_runs_on_a_small_stack()
    {
        // Every row is made through the whole chain; the stack is the smallest that a thread of .NET gets by default (macOS).
        const int Layers = 1023, Stack = 512 << 10;
        ImmutableArray<IntegerTensor> tensors = [.. Enumerable.Range(0, Layers + 1).Select(i => new IntegerTensor($"t{i}", 3, 2, 1, 1))];
        ImmutableArray<IntegerInstruction> instructions = [.. Enumerable.Range(0, Layers).Select(i => new ConvInstruction($"t{i + 1}", i, null, i + 1)
        {
            Geometry = ConvGeometry.Square(1, 1, 0, 1),
            Low = Int8Arithmetic.Min,
            High = Int8Arithmetic.Max,
            Weights = [1],
            Bias = [0],
            Multipliers = [1],
        })];
        var program = new IntegerProgram("chain", tensors, instructions, [new("out", Layers)]);
        var plan = new DevicePlan(6 * (Layers + 1), [.. Enumerable.Range(0, Layers + 1).Select(i => 6 * i)]);
        sbyte[] image = [1, -2, 3, -4, 5, 127];
        var output = new byte[6];
        var thread = new Thread(() =>
        {
            using var model = new CompiledModel(new CompiledProgram(program, plan, new CompilationInfo("cpu", 0, "test", [], YuvSwing.Full)));
            model.Run(image, output);
        }, Stack);
        thread.Start();
        thread.Join();
        Assert.Equal(image, output.Select(value => (sbyte)value));
    }

    private static void Refused(DevicePlan plan, string reason)
    {
        CompilationInfo info = SmallPrograms.Compiled(Program).Info;
        BadFileException fault = Assert.Throws<BadFileException>(() => new CompiledProgram(Program, plan, info));
        Assert.Contains(reason, fault.Message);
    }
}
