using Tessera.TestKit;
using static TorchSharp.torch;

namespace Tessera.Training.Tests.Engine;

public class BatchTensorsTests
{
    public BatchTensorsTests() => TorchSetup.Initialize(new() { Threads = 1 });

    [Fact]
    public void Interleaved_bytes_become_planes_divided_by_128()
    {
        sbyte[] bytes = [.. RandomNetworks.Image(4, 6, 1), .. RandomNetworks.Image(4, 6, 2)];
        using Tensor images = BatchTensors.Images(bytes, 2, 4, 6);
        Assert.Equal([2, 3, 4, 6], images.shape);
        Assert.True(images.is_contiguous());
        float[] values = images.data<float>().ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            int image = i / 72, channel = i / 24 % 3, pixel = i % 24;
            Assert.Equal(bytes[(((image * 24) + pixel) * 3) + channel] / 128f, values[i]);
        }
    }

    [Fact]
    public void Label_bytes_become_int64()
    {
        using Tensor labels = BatchTensors.Labels([0, 18, 255, 3], 1, 2, 2);
        Assert.Equal([1, 2, 2], labels.shape);
        Assert.Equal([0L, 18, 255, 3], labels.data<long>().ToArray());
    }

    [Fact]
    public void A_wrong_number_of_bytes_is_refused()
    {
        Assert.Throws<ArgumentException>(() => BatchTensors.Images(new sbyte[10], 1, 2, 2));
        Assert.Throws<ArgumentException>(() => BatchTensors.Labels(new byte[3], 1, 2, 2));
    }
}
