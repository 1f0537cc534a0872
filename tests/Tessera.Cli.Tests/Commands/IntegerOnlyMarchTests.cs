using Tessera.Core;
using Tessera.Graphs;
using Tessera.Programs;

namespace Tessera.Cli.Tests.Commands;

/// <summary>A march that requantizes in integers is served from calibration to the artefact, and no network of another march gets there.</summary>
[Collection(TrainedRunCollection.Name)]
public sealed class IntegerOnlyMarchTests(TrainedRun run) : IDisposable
{
    private readonly ConfigFolder _folder = new();

    private string Run => Path.Combine(_folder.Root, "run");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("generic-shift", Requantization.Shift)]
    [InlineData("generic-multiplier16", Requantization.Multiplier16)]
    public void Its_network_is_calibrated_trained_compiled_and_equal_in_every_form(string march, Requantization form)
    {
        Directory.CreateDirectory(Run);
        File.Copy(run.Checkpoint("float"), Path.Combine(Run, Path.GetFileName(run.Checkpoint("float"))));
        Must(0, march, "train", "--stage", "calibration");
        SafetensorsFile calibrated = SafetensorsFile.Read(Path.Combine(Run, "calibration-checkpoint-best.safetensors"));
        Assert.Equal(form.Name, calibrated.Metadata["requantization"]);
        foreach (SafetensorsTensor tensor in calibrated.Tensors.Where(tensor => tensor.Name.EndsWith("scale", StringComparison.Ordinal)))
        {
            Assert.Equal(form == Requantization.Shift, tensor.ToFloats("").All(scale => Requantization.Shift.Takes(scale)));
        }

        Assert.Contains($"compile_cfg.march is cpu, which requantizes by float32, but the calibration in {Run} is for {form.Name}", Must(2, "cpu", "train", "--stage", "qat").Error);
        Must(0, march, "train", "--stage", "qat");
        Must(0, march, "compile");
        Assert.All(
            ArtefactReader.Read(Path.Combine(Run, "compiled", "model.tsr")).Compiled.Program.Instructions.OfType<ConvInstruction>(), conv => Assert.Equal(form, conv.Requantization));
        Assert.Contains("every element of", Must(0, march, "align").Output);
        Assert.Contains($"the network requantizes by {form.Name}, for which it was calibrated", Must(1, march, "compile", "--march", "cpu").Error);
        Cli analysis = Must(0, march, "analyze");
        Assert.Matches(@"Classes that change most: [a-z ]+ to [a-z ]+ \d+ %", analysis.Output);
        Must(0, march, "predict", "--stage", "int_infer");
    }

    [Fact]
    public void A_fixed_scale_that_is_no_power_of_two_is_refused_where_only_shifts_are()
    {
        Directory.CreateDirectory(Run);
        File.Copy(run.Checkpoint("float"), Path.Combine(Run, Path.GetFileName(run.Checkpoint("float"))));
        string[] rule = ["--set", "calibration_trainer.rules=[{nodes: neck.*, activation_observer: fixed_scale, scale: 0.1}]"];
        Assert.Contains("The fixed scale 0.1 of the rule for neck.* is no power of two, which the requantization shift of the march needs. Give 0.125", Must(2, "generic-shift", ["train", "--stage", "calibration", .. rule]).Error);
        Must(0, "generic-multiplier16", ["train", "--stage", "calibration", .. rule]);
    }

    private Cli Must(int status, string march, params string[] command)
    {
        Cli result = Cli.Run([.. command, .. run.Config("--set", $"ckpt_dir={Run}", "--set", $"compile_cfg.march={march}")]);
        Assert.True(result.ExitCode == status, $"tessera {string.Join(' ', command)}: {result.ExitCode} {result.Error}");
        return result;
    }
}
