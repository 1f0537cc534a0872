using System.Diagnostics;
using Tessera.Data;
using Tessera.Programs;
using Tessera.Samples;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests.Samples;

public sealed class SegmentPictureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-sample-").FullName;
    private readonly RgbImage _picture;

    public SegmentPictureTests()
    {
        _picture = new RgbImage(Pictures.Random(FrameShape.Rgb(37, 21), 1), 21, 37);
        ImageFile.WriteRgb(At("in.png"), _picture);
        ArtefactWriter.Write(SmallPrograms.Compiled(SmallPrograms.Small(3, 24, 16)), At("model.tsr"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_says_what_is_on_the_picture_and_writes_the_overlay()
    {
        (int status, string output, string error) = Run(At("model.tsr"), At("in.png"), At("out.png"), "--threads", "2", "--frames", "3");
        Assert.Equal((0, ""), (status, error));
        Assert.Matches($@"^kernels +{KernelSet.Best.Name}: ", output);
        Assert.Matches(@"network +48x32, 5 classes, \d+\.\d MB for a frame", output);
        Assert.Matches(@"load +\d+\.\d ms", output);
        Assert.Matches(@"frame +\d+\.\d ms the first, \d+\.\d ms the median of 3, on 2 threads", output);
        Assert.Matches(@"class \d +\d+\.\d %", output);
        Assert.Equal(ExpectedOverlay(), ImageFile.ReadRgb(At("out.png")).Pixels);
    }

    [Fact]
    public void What_cannot_be_used_is_named()
    {
        Assert.Equal(2, Run(At("model.tsr"), At("in.png")).Status);
        Assert.Contains("usage: segment-picture MODEL.tsr", Run().Error);
        Assert.Equal(2, Run(At("model.tsr"), At("in.png"), At("out.png"), "--threads", "0").Status);
        Assert.Contains(At("no.tsr"), Fails(At("no.tsr"), At("in.png"), At("out.png")));
        Assert.Contains(At("no.png"), Fails(At("model.tsr"), At("no.png"), At("out.png")));
        Assert.Contains("is not a PNG file", Fails(At("model.tsr"), At("model.tsr"), At("out.png")));
        byte[] whole = File.ReadAllBytes(At("in.png"));
        File.WriteAllBytes(At("cut.png"), whole[..(whole.Length / 2)]);
        Assert.Contains("cut.png is cut off", Fails(At("model.tsr"), At("cut.png"), At("out.png")));
        whole[24] = 16;
        File.WriteAllBytes(At("deep.png"), whole);
        Assert.Contains("only PNG files of 8 bits", Fails(At("model.tsr"), At("deep.png"), At("out.png")));
    }

    [Fact]
    public void Gray_pictures_are_read_as_gray_colours()
    {
        byte[] gray = Pictures.Random(FrameShape.Rgb(11, 3), 4);
        ImageFile.WriteGray(At("gray.png"), new LabelImage(gray, 9, 11));
        Picture read = PngReader.Read(At("gray.png"));
        Assert.Equal((11, 9), (read.Width, read.Height));
        Assert.Equal(gray.SelectMany(value => new[] { value, value, value }), read.Pixels);
    }

    [Fact]
    public void What_the_sample_writes_it_and_others_read_back()
    {
        PngWriter.Write(At("written.png"), new Picture(_picture.Width, _picture.Height, _picture.Pixels));
        Assert.Equal(_picture.Pixels, PngReader.Read(At("written.png")).Pixels);
        Assert.Equal(_picture.Pixels, ImageFile.ReadRgb(At("written.png")).Pixels);
    }

    [LongFact]
    public void Published_with_NativeAOT_it_gives_the_same_overlay()
    {
        string project = Path.Combine(SampleData.RepositoryRoot, "samples", "SegmentPicture");
        Start("dotnet", "publish", project, "-c", "Release", "-r", System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, "-o", At("app"), "--nologo", "-v", "quiet", "-warnaserror");
        string output = Start(Path.Combine(At("app"), "segment-picture"), At("model.tsr"), At("in.png"), At("out.png"));
        Assert.Contains("kernels", output);
        Assert.Equal(ExpectedOverlay(), ImageFile.ReadRgb(At("out.png")).Pixels);
    }

    private string At(string name) => Path.Combine(_folder, name);

    private byte[] ExpectedOverlay()
    {
        using Segmenter segmenter = Segmenter.Load(At("model.tsr"));
        byte[] map = new byte[_picture.Width * _picture.Height];
        segmenter.SegmentToFrameSize(Frame.Rgb(_picture.Pixels, _picture.Width, _picture.Height), map);
        return Overlay.Blend(_picture.Pixels, map, segmenter.Classes, 0.5);
    }

    private static (int Status, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        return (Sample.Run(arguments, output, error), output.ToString(), error.ToString());
    }

    private static string Fails(params string[] arguments)
    {
        (int status, _, string error) = Run(arguments);
        Assert.Equal(1, status);
        Assert.StartsWith("error: ", error);
        return error;
    }

    private static string Start(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
        return output;
    }
}
