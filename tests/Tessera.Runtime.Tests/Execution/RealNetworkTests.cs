using Tessera.Programs;
using Tessera.Runtime.Tests.Kernels;
using Tessera.TestKit;

namespace Tessera.Runtime.Tests.Execution;

/// <summary>The network that the engine was made for equals the reference in every logit and every pixel.</summary>
public class RealNetworkTests
{
    [Fact]
    public void On_generated_images_every_kernel_set_gives_the_reference_s_bits()
    {
        // The logits as an output are kept whole; as the network is deployed, a few rows of them at a time exist.
        IntegerProgram deploy = RealNetwork.Deploy(64, 128), program = RealNetwork.WithLogits(deploy);
        foreach (ProgramCheck check in (ProgramCheck[])[new(deploy, RealNetwork.Image(64, 128)), new(program, RealNetwork.Image(64, 128)), new(program, RandomNetworks.Image(64, 128, seed: 5))])
        {
            foreach (KernelSet set in KernelSets.Supported)
            {
                Assert.All((int[])[1, 2], threads => check.Outputs(new ExecutionOptions { Kernels = set, Threads = threads }));
                check.Layers(new ExecutionOptions { Kernels = set });
            }
        }
    }

    [RequiresSampleFact]
    public void On_real_images_every_kernel_set_gives_the_reference_s_bits()
    {
        string[] files = [.. Directory.GetFiles(SampleData.Kitti, "*_leftImg8bit.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        Assert.True(files.Length > 1);
        IntegerProgram deploy = RealNetwork.Deploy(384, 1280);
        foreach (ProgramCheck check in (ProgramCheck[])[new(RealNetwork.WithLogits(deploy), RealNetwork.Image(files[0], 384, 1280)), new(deploy, RealNetwork.Image(files[^1], 384, 1280))])
        {
            foreach (KernelSet set in KernelSets.Supported)
            {
                Assert.All((int[])[1, 2], threads => check.Outputs(new ExecutionOptions { Kernels = set, Threads = threads }, frames: 1));
            }
        }
    }
}
