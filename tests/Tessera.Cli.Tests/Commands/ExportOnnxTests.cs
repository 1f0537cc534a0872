using Microsoft.ML.OnnxRuntime;

namespace Tessera.Cli.Tests.Commands;

/// <summary>The options of export-onnx reach the file, and those without effect are refused.</summary>
[Collection(TrainedRunCollection.Name)]
public sealed class ExportOnnxTests(TrainedRun run) : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("float")]
    [InlineData("qat")]
    [InlineData("int_infer")]
    public void The_options_reach_every_form(string stage)
    {
        string[] shape = stage == "qat" ? ["--float-bias", "--fused-relu"] : [];
        Cli exported = Export(stage, ["--opset", "13", "--dynamic-batch", "--logits", .. shape]);
        Assert.Equal((0, ""), (exported.ExitCode, exported.Error));
        byte[] file = File.ReadAllBytes(Path.Combine(_folder.Root, $"{stage}.onnx"));
        using var session = new InferenceSession(file);
        Assert.Equal([-1, 3, 64, 128], session.InputMetadata.Values.Single().Dimensions);
        Assert.Equal(["class_map", "logits"], session.OutputMetadata.Keys);
        Assert.Contains("Nx3xHxW", session.ModelMetadata.CustomMetadataMap["tessera.input"]);
        Assert.Equal(stage == "int_infer", file.AsSpan().IndexOf("ConvInteger"u8) >= 0);
        if (stage == "qat")
        {
            Assert.True(file.AsSpan().IndexOf("/int32"u8) < 0); // no int32 bias is left
        }
    }

    [Theory]
    [InlineData("qat", 2, "Write operator set 13 or later", "--opset", "11")]
    [InlineData("float", 2, "use one from 11 to 17", "--opset", "18")]
    [InlineData("float", 2, "--fused-relu is for the stages calibration and qat, and --stage is float", "--fused-relu")]
    [InlineData("int_infer", 2, "--float-bias is for the stages calibration and qat, and --stage is int_infer", "--float-bias")]
    public void What_a_form_cannot_hold_is_refused(string stage, int status, string message, params string[] options)
    {
        Cli refused = Export(stage, options);
        Assert.Equal(status, refused.ExitCode);
        Assert.Contains(message, refused.Error);
        Assert.Empty(Directory.GetFiles(_folder.Root));
    }

    private Cli Export(string stage, params string[] options) => Cli.Run(["export-onnx", "--stage", stage, .. run.Config("--out-dir", _folder.Root), .. options]);
}
