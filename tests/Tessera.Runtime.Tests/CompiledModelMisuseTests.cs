using Tessera.Programs;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests;

/// <summary>A model is memory addressed by pointers: several threads, callbacks and disposal must not meet in it.</summary>
public class CompiledModelMisuseTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly IntegerProgram Program = SmallPrograms.Small(3, 40, 24);
    private static readonly CompiledProgram Compiled = SmallPrograms.Compiled(Program);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Threads_that_share_a_model_get_their_own_results(int threads)
    {
        using var model = new CompiledModel(Compiled, new ExecutionOptions { Threads = threads });
        sbyte[][] images = [.. Enumerable.Range(0, 4).Select(seed => SmallPrograms.Image(Program, seed))];
        string[] expected = [.. images.Select(image => Text(new ReferenceExecutor(Program).Run(image)))];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(caller => Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < 25; i++)
                {
                    Action<IntegerTensor, ReadOnlySpan<sbyte>>? tap = (i + caller) % 5 == 0 ? (_, _) => { } : null;
                    Assert.Equal(expected[(caller + i) % 4], Text(model.Run(images[(caller + i) % 4], tap)));
                }
            }, TaskCreationOptions.LongRunning))).WaitAsync(Patience);
    }

    [Fact]
    public void A_tap_cannot_use_or_dispose_the_model_that_calls_it()
    {
        using var model = new CompiledModel(Compiled);
        sbyte[] image = SmallPrograms.Image(Program, 1);
        int taps = 0;
        ProgramOutputs outputs = model.Run(image, (_, _) =>
        {
            taps++;
            Assert.Throws<InvalidOperationException>(() => model.Run(image));
            Assert.Throws<InvalidOperationException>(() => model.Profile(image, 1));
            Assert.Throws<InvalidOperationException>(model.Dispose);
        });
        Assert.Equal(Program.Instructions.Length, taps);
        Assert.Equal(Text(new ReferenceExecutor(Program).Run(image)), Text(outputs));
    }

    [Fact]
    public void What_a_tap_throws_reaches_the_caller_and_the_next_image_is_right()
    {
        using var model = new CompiledModel(Compiled);
        sbyte[] image = SmallPrograms.Image(Program, 1);
        Assert.Throws<InvalidDataException>(() => model.Run(image, (_, _) => throw new InvalidDataException()));
        Assert.Equal(Text(new ReferenceExecutor(Program).Run(image)), Text(model.Run(image)));
    }

    [Fact]
    public async Task Disposing_waits_for_the_image_that_another_thread_executes()
    {
        var model = new CompiledModel(Compiled);
        sbyte[] image = SmallPrograms.Image(Program, 1);
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        string result = "";
        Task running = Task.Factory.StartNew(
            () => result = Text(model.Run(image, (_, _) =>
            {
                begun.Set();
                Assert.True(goOn.Wait(Patience));
            })), TaskCreationOptions.LongRunning);
        Assert.True(begun.Wait(Patience));
        Task[] disposing = [.. Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(model.Dispose, TaskCreationOptions.LongRunning))];
        goOn.Set();
        await Task.WhenAll([running, .. disposing]).WaitAsync(Patience);
        Assert.Equal(Text(new ReferenceExecutor(Program).Run(image)), result);
        Assert.Throws<ObjectDisposedException>(() => model.Run(image));
        Assert.Throws<ObjectDisposedException>(() => model.Run(image, (_, _) => { }));
        Assert.Throws<ObjectDisposedException>(() => model.Profile(image, 1));
    }

    [Fact]
    public void What_is_missing_or_outside_its_range_is_named()
    {
        Assert.Throws<ArgumentNullException>(() => new CompiledModel(null!));
        Assert.Throws<ArgumentException>(() => new CompiledModel(Compiled, new ExecutionOptions { Threads = 0 }));
        Assert.All(KernelSet.All.Where(set => !set.IsSupported), set => Assert.Throws<ArgumentException>(() => new CompiledModel(Compiled, new ExecutionOptions { Kernels = set })));
        Assert.Throws<ArgumentNullException>(() => new CompiledProgram(null!, Compiled.Memory, Compiled.Info));
        Assert.Throws<ArgumentNullException>(() => new CompiledProgram(Program, null!, Compiled.Info));
        Assert.Throws<ArgumentNullException>(() => new CompiledProgram(Program, Compiled.Memory, null!));
        Assert.Throws<ArgumentNullException>(() => ArtefactWriter.ToBytes(null!));
        Assert.Throws<ArgumentNullException>(() => new ReferenceExecutor(null!).Run([]));
        byte[] changed = ArtefactWriter.ToBytes(Compiled);
        changed[changed.AsSpan().IndexOf("class 0"u8)] ^= 1;
        Assert.Throws<Core.BadFileException>(() => ArtefactReader.Parse(changed, "m.tsr", (ChecksumPolicy)7)); // no word for "do not check"
    }

    private static string Text(ProgramOutputs outputs) => string.Join('\n', outputs.All.Select(output =>
        $"{output.Name} {(output.Tensor.IsClassMap ? string.Join(' ', output.ClassMap.ToArray()) : string.Join(' ', output.Logits.ToArray()))}"));
}
