namespace Tessera.Cli.Tests.Commands;

/// <summary>What compiling would give is known before anything is trained, and asking leaves nothing behind.</summary>
public sealed class CompileCheckTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_configurations_network_is_checked_and_estimated_without_data_or_training()
    {
        Cli run = Compile("--from-config", "--march", "nash-m", "--set", "input_size=[1024, 2048]");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"multiply-adds +3\.679846 G", run.Output);
        Assert.Matches(@"estimated latency, 1 core +1\.130 ms", run.Output);
        Assert.Matches(@"backbone\.mod1\.1\.0\.0 +Depthwise +75 % +0\.0502 +channels 8, computed as 32: up to 32 are free", run.Output);
        Assert.Matches(@"head\.stride4\.0 .* outputs 19, computed as 32 \(fixed\)", run.Output);
        Assert.Contains("Nothing was written.", run.Output);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void Everything_that_the_march_refuses_is_listed_and_the_status_is_4()
    {
        Cli run = Compile("--from-config", "--march", "bernoulli2", "--set", "input_size=[64, 16384]");
        Assert.Equal(4, run.ExitCode);
        Assert.Matches(@"img +tensor-extent +it has 64x16384 pixels +At most 8192 rows and columns", run.Output);
        Assert.Contains("As if all of it were supported, a frame would take ", run.Output);
        Assert.Contains("March bernoulli2 refuses this network in 1 point", run.Error);
    }

    [Fact]
    public void Check_only_asks_the_checkpoint_and_options_without_effect_are_refused()
    {
        Cli untrained = Compile("--check-only");
        Assert.Equal(3, untrained.ExitCode);
        Assert.Contains("qat-checkpoint-best.safetensors", untrained.Error);
        foreach (string[] idle in new string[][] { ["--from-config", "--out-dir", _folder.Root], ["--check-only", "--out-dir", _folder.Root], ["--from-config", "--ckpt", "x"] })
        {
            Cli refused = Compile(idle);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains($"{idle[1]} is not used", refused.Error);
        }

        Cli march = Compile("--from-config", "--march", "nash-x");
        Assert.Equal(2, march.ExitCode);
        Assert.Contains("Did you mean nash-", march.Error);
    }

    private Cli Compile(params string[] options) =>
        Cli.Run(["compile", "-c", Cli.Config("unet_mobilenetv1_kitti.yaml"), "--set", $"ckpt_dir={Path.Combine(_folder.Root, "run")}", .. options]);
}
