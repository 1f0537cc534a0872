using System.Runtime.InteropServices;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs;
using Tessera.TestKit;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

/// <summary>The same weights and images through Tessera and through the independent PyTorch network; see docs/parity.md.</summary>
public class PyTorchParityTests(ITestOutputHelper log)
{
    private static readonly int[] Strides = [4, 8, 16, 32, 64];

    // The promise of the project for logits, relative to their range.
    private const double LogitsTolerance = 1e-4;

    // Gradients pass 80 layers of float32 and batch norms over few pixels at the coarse strides; two builds of libtorch add in different orders.
    private const double GradientTolerance = 2e-4;

    [RequiresPythonReferenceTheory]
    [InlineData(2, 128, 256)]
    [InlineData(1, 384, 1280)]
    public void Logits_loss_gradients_and_one_step_agree_with_PyTorch(int count, int height, int width)
    {
        TorchSetup.Initialize(new() { Threads = 2 });
        using DisposeScope scope = NewDisposeScope();
        Network network = RandomNetworks.Training(height, width, seed: 7);
        Tensor images = TestNetworks.Images(count, height, width, 7);
        (int Stride, byte[] Values)[] labels = [.. Strides.Select(stride => (stride, Labels(count, height, width, stride)))];
        SafetensorsFile reference = RunReference(network, images, labels);
        using var module = new GraphModule(network.Graph, network.Parameters);

        module.eval();
        using (no_grad())
        {
            CompareLogits(reference, "eval", module.Forward(images));
        }

        module.train();
        var optimizer = new Sgd(module, new());
        Tensor[] logits = module.Forward(images);
        CompareLogits(reference, "train", logits);
        Tensor loss = new FocalLoss(new(), Strides).Forward(logits, [.. labels.Select(label => BatchTensors.Labels(label.Values, count, height / label.Stride, width / label.Stride))]);
        Compare("loss", [loss.item<float>()], Values(reference, "loss"), 1e-5);
        loss.backward();
        CompareAll(reference, "grad", module.TrainedParameters.Select(item => (item.Name, Floats(item.Tensor.grad!))), GradientTolerance);
        optimizer.Step(0.01);
        CompareAll(reference, "after", module.ToParameterSet().Select(item => (item.Key, item.Value)), LogitsTolerance);
    }

    private void CompareLogits(SafetensorsFile reference, string mode, Tensor[] outputs)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            string name = $"{mode}.stride{Strides[i]}";
            Compare(name, Floats(outputs[i]), Values(reference, name), LogitsTolerance);
        }
    }

    private void CompareAll(SafetensorsFile reference, string kind, IEnumerable<(string Name, float[] Values)> tensors, double tolerance)
    {
        // A bias before a batch norm has no gradient but rounding noise: differences are measured against the largest of the neighbouring
        // weight as well (the scale of a node's gradient), never against the noise itself.
        (string Name, float[] Values)[] all = [.. tensors];
        double worst = 0;
        string where = "";
        foreach ((string name, float[] values) in all)
        {
            float[] expected = Values(reference, $"{kind}.{name}"), weight = Values(reference, $"{kind}.{name[..name.LastIndexOf('.')]}.weight");
            double relative = Difference(values, expected) / Math.Max(expected.Max(MathF.Abs), weight.Max(MathF.Abs));
            (worst, where) = relative > worst ? (relative, name) : (worst, where);
        }

        log.WriteLine($"{kind,-16} largest relative difference {worst:0.0e+00} at {where} ({all.Length} tensors)");
        Assert.True(worst <= tolerance, $"{kind}.{where} differs by {worst} of its range; {tolerance} is allowed");
    }

    private void Compare(string name, float[] actual, float[] expected, double tolerance)
    {
        double range = expected.Length == 1 ? Math.Abs(expected[0]) : expected.Max() - expected.Min();
        double relative = Difference(actual, expected) / range;
        log.WriteLine($"{name,-16} largest difference / range {relative:0.0e+00} (range {range:0.####})");
        Assert.True(relative <= tolerance, $"{name} differs by {relative} of its range; {tolerance} is allowed");
    }

    private static double Difference(float[] actual, float[] expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        return actual.Zip(expected, (a, b) => Math.Abs((double)a - b)).Max();
    }

    private static SafetensorsFile RunReference(Network network, Tensor images, (int Stride, byte[] Values)[] labels)
    {
        string folder = Directory.CreateTempSubdirectory("tessera-parity-").FullName;
        try
        {
            string input = Path.Combine(folder, "input.safetensors"), output = Path.Combine(folder, "output.safetensors");
            int[] shape = [.. images.shape.Select(size => (int)size)];
            new SafetensorsFile(
            [
                .. network.Parameters.ToTensors(network.Graph),
                SafetensorsTensor.FromFloats("images", [.. shape], Floats(images)),
                .. labels.Select(label => new SafetensorsTensor(
                    $"labels.stride{label.Stride}", "I64", [shape[0], shape[2] / label.Stride, shape[3] / label.Stride],
                    MemoryMarshal.AsBytes(label.Values.Select(value => (long)value).ToArray().AsSpan()).ToArray())),
            ]).Write(input);
            string folderOfReference = RequiresPythonReferenceTheoryAttribute.Folder;
            (int exitCode, string text) = RequiresPythonReferenceTheoryAttribute.Run(
                Path.Combine(folderOfReference, "parity_reference.py"), Path.Combine(folderOfReference, "unet_reference.py"), input, output);
            Assert.True(exitCode == 0, text);
            return SafetensorsFile.Read(output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Blocks of 40×56 pixels with a class each, some ignored: coarse pixels across an edge are ignored too.
    private static byte[] Labels(int count, int height, int width, int stride)
    {
        var random = new Random(3);
        var coarse = new byte[count * (height / stride) * (width / stride)];
        for (int n = 0; n < count; n++)
        {
            byte[] blocks = [.. Enumerable.Range(0, 40 * 40).Select(_ => random.Next(20) is var id && id == 19 ? ClassTable.Ignore : (byte)id)];
            byte[] full = [.. Enumerable.Range(0, height * width).Select(i => blocks[(i / width / 40 * 40) + (i % width / 56)])];
            LabelShrink.Apply(full, height, width, stride, coarse.AsSpan(n * coarse.Length / count, coarse.Length / count));
        }

        return coarse;
    }

    private static float[] Values(SafetensorsFile file, string name)
    {
        Assert.True(file.TryGet(name, out SafetensorsTensor? tensor), $"The reference gave no {name}.");
        return tensor.ToFloats("reference");
    }

    private static float[] Floats(Tensor tensor)
    {
        using Tensor contiguous = tensor.detach().contiguous();
        return MemoryMarshal.Cast<byte, float>(contiguous.bytes).ToArray();
    }
}
