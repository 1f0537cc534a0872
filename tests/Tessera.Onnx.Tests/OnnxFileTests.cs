using System.Text.Json;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Imaging;
using Tessera.Quantization;
using Tessera.TestKit;

namespace Tessera.Onnx.Tests;

public sealed class OnnxFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-onnx").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_file_says_what_it_is()
    {
        Network annotated = Calibrated.Training(64, 64, 1);
        Network floatNetwork = RandomNetworks.Training(64, 64, 1);
        AssertMetadata(stream => FloatOnnxWriter.Write(floatNetwork, Calibrated.Metadata, stream), "float", "float32, 1x3xHxW", "/ 128");
        AssertMetadata(stream => QdqOnnxWriter.Write(annotated, Calibrated.Metadata, stream), "qdq", "float32, 1x3xHxW", "/ 128");
        AssertMetadata(stream => IntegerOnnxWriter.Write(Lowering.Lower(annotated), Calibrated.Metadata, stream), "integer", "int8, 1x3xHxW", "minus 128");
    }

    [Fact]
    public void The_input_convention_follows_the_swing()
    {
        OnnxMetadata metadata = Calibrated.Metadata with { Swing = YuvSwing.StudioSubsampled };
        using var model = new OrtModel(stream => FloatOnnxWriter.Write(RandomNetworks.Training(64, 64, 1), metadata, stream));
        Assert.Contains("studio swing", model.Metadata.CustomMetadataMap[OnnxMetadata.InputKey]);
    }

    [Fact]
    public void A_class_name_with_quotes_stays_readable()
    {
        OnnxMetadata metadata = Calibrated.Metadata with { ClassNames = ["\"quoted\" \\ name", "Straße"] };
        using var model = new OrtModel(stream => FloatOnnxWriter.Write(RandomNetworks.Training(64, 64, 1), metadata, stream));
        Assert.Equal(metadata.ClassNames, JsonSerializer.Deserialize<string[]>(model.Metadata.CustomMetadataMap[OnnxMetadata.ClassesKey])!);
    }

    [Fact]
    public void A_file_and_a_stream_get_the_same_bytes_every_time()
    {
        Network annotated = Calibrated.Training(64, 64, 2);
        string path = Path.Combine(_folder, "new", "model.onnx");
        AssertSameBytes(path, file => IntegerOnnxWriter.Write(Lowering.Lower(annotated), Calibrated.Metadata, file), stream => IntegerOnnxWriter.Write(Lowering.Lower(annotated), Calibrated.Metadata, stream));
        AssertSameBytes(path, file => QdqOnnxWriter.Write(annotated, Calibrated.Metadata, file), stream => QdqOnnxWriter.Write(annotated, Calibrated.Metadata, stream));
        Network floatNetwork = RandomNetworks.Training(64, 64, 2);
        AssertSameBytes(path, file => FloatOnnxWriter.Write(floatNetwork, Calibrated.Metadata, file), stream => FloatOnnxWriter.Write(floatNetwork, Calibrated.Metadata, stream));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file()
    {
        string path = Path.Combine(_folder, "model.onnx");
        File.WriteAllText(path, "old");
        Network withoutScales = QuantizationPreparation.Prepare(RandomNetworks.Training(64, 64, 1));
        Assert.Throws<WorkException>(() => QdqOnnxWriter.Write(withoutScales, Calibrated.Metadata, path));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        string path = Path.Combine(_folder, "file", "model.onnx");
        BadFileException fault = Assert.Throws<BadFileException>(() => FloatOnnxWriter.Write(RandomNetworks.Training(64, 64, 1), Calibrated.Metadata, path));
        Assert.Contains(path, fault.Message);
    }

    private static void AssertSameBytes(string path, Action<string> toFile, Action<Stream> toStream)
    {
        toFile(path);
        using var stream = new MemoryStream();
        toStream(stream);
        Assert.Equal(stream.ToArray(), File.ReadAllBytes(path));
    }

    private static void AssertMetadata(Action<Stream> write, string form, params string[] inputPhrases)
    {
        using var model = new OrtModel(write);
        Dictionary<string, string> properties = model.Metadata.CustomMetadataMap;
        Assert.Equal("Tessera", model.Metadata.ProducerName);
        Assert.Equal("unet_mobilenetv1", model.Metadata.GraphName);
        Assert.Contains("stage qat", model.Metadata.Description);
        Assert.Equal("1.2.3", properties[OnnxMetadata.VersionKey]);
        Assert.Equal("qat", properties[OnnxMetadata.StageKey]);
        Assert.Equal(form, properties[OnnxMetadata.FormKey]);
        Assert.Equal(ClassTable.Cityscapes.Classes.Select(entry => entry.Name), JsonSerializer.Deserialize<string[]>(properties[OnnxMetadata.ClassesKey])!);
        Assert.All(inputPhrases.Append("BT.601 YUV444"), phrase => Assert.Contains(phrase, properties[OnnxMetadata.InputKey]));
    }
}
