using System.Security.Cryptography;
using Tessera.Cli.Diagnostics;
using Tessera.Cli.Pipeline;
using Tessera.Cli.Terminal;
using Tessera.Compiler;
using Tessera.Core;
using Tessera.Programs;

namespace Tessera.Cli.Tests.Commands;

public sealed class InspectCommandTests : IDisposable
{
    private static readonly CompiledProgram Compiled = ModelCompiler.Compile(
        StageNetwork.Lower(SelfTestNetwork.Create()),
        new CompileOptions(March.Find("cpu"), OptLevel.O2, [.. ClassTable.Cityscapes.Classes])).Compiled;

    private readonly ConfigFolder _folder = new();

    private string FilePath => Path.Combine(_folder.Root, "model.tsr");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_shows_how_the_model_was_compiled_where_its_tensors_lie_and_every_instruction()
    {
        ArtefactWriter.Write(Compiled, FilePath);
        byte[] bytes = File.ReadAllBytes(FilePath);
        Cli run = Cli.Run("inspect", FilePath);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith($"{FilePath}\n", run.Output);
        Assert.Matches(@"network +unet_mobilenetv1 ", run.Output);
        Assert.Matches($@"compiled +for march cpu, --opt 2, by Tessera {ModelCompiler.ToolVersion} ", run.Output);
        Assert.Matches($@"file +format 4, {bytes.Length:N0} bytes", run.Output);
        Assert.Matches($@"checksum +SHA-256 {Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(56)))}, ok", run.Output);
        Assert.Matches(@"image +img: 64x64x3 int8", run.Output);
        Assert.Matches(@"output +class_map: 16x16x1 class ids", run.Output);
        Assert.Matches(@"classes +19: road, sidewalk, ", run.Output);
        Assert.Matches($@"arena +{Compiled.Memory.ArenaBytes:N0} bytes", run.Output);
        Assert.Matches(@"INFO +68 +\d+", run.Output);
        Assert.Matches(@"img +64x64x3 +12,288 +\d[\d,]* +\d[\d,]* +caller +0", run.Output);
        Assert.Matches(@"head\.argmax +16x16x1 +256 +\d[\d,]* +\d[\d,]* +\d+ +end", run.Output);
        Assert.Contains(ProgramText.Print(Compiled.Program), run.Output);
        Assert.DoesNotContain("zeros", run.Output);
    }

    [Fact]
    public void Weights_are_summarised_on_request()
    {
        ArtefactWriter.Write(Compiled, FilePath);
        Cli run = Cli.Run("inspect", FilePath, "--weights");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var stem = (ConvInstruction)Compiled.Program.Instructions[0];
        string zeros = $"{100.0 * stem.Weights.Count(weight => weight == 0) / stem.Weights.Length:0.0} %";
        Assert.Matches($@"{stem.Name} +{stem.Weights.Length} +{stem.Weights.Min()} +{stem.Weights.Max()} +{zeros} +{stem.Bias.Min():N0} to {stem.Bias.Max():N0} ", run.Output);
    }

    [Fact]
    public void A_changed_file_is_shown_and_refused()
    {
        byte[] bytes = ArtefactWriter.ToBytes(Compiled);
        int at = bytes.AsSpan().IndexOf("road"u8);
        bytes[at] = (byte)'R';
        File.WriteAllBytes(FilePath, bytes);
        Cli run = Cli.Run("inspect", FilePath);
        Assert.Equal((int)ExitCode.BadFile, run.ExitCode);
        Assert.Matches(@"checksum +WRONG", run.Output);
        Assert.Contains("19: Road, sidewalk", run.Output);
        Assert.Contains($"{FilePath} was changed after it was written", run.Error);
    }

    [Theory]
    [InlineData(0, "is truncated")]
    [InlineData(40, "is truncated")]
    [InlineData(2000, "is truncated")]
    public void A_damaged_file_gives_one_message(int length, string reason)
    {
        File.WriteAllBytes(FilePath, ArtefactWriter.ToBytes(Compiled)[..length]);
        Fails(reason);
    }

    [Fact]
    public void A_file_of_another_kind_and_a_missing_one_give_one_message()
    {
        Fails("Cannot read the artefact");
        File.WriteAllText(FilePath, "no artefact");
        Fails("is not a Tessera artefact");
        Assert.Contains("Cannot read the artefact", Cli.Run("inspect", _folder.Root).Error);
        Assert.Contains("FILE is empty", Cli.Run("inspect", "").Error);
    }

    [Fact]
    public void A_call_without_a_file_is_wrong() => Assert.Equal((int)ExitCode.Usage, Cli.Run("inspect").ExitCode);

    private void Fails(string reason)
    {
        Cli run = Cli.Run("inspect", FilePath);
        Assert.Equal(((int)ExitCode.BadFile, ""), (run.ExitCode, run.Output));
        Assert.Contains(reason, run.Error);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
    }
}
