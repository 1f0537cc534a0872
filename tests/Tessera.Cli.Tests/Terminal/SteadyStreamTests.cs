using System.Text;
using Tessera.Cli.Terminal;

namespace Tessera.Cli.Tests.Terminal;

/// <summary>Standard output on a full disk.</summary>
public sealed class SteadyStreamTests
{
    [Fact]
    public void A_write_that_fails_is_lost_and_kept_in_mind_and_later_ones_are_tried()
    {
        var disk = new Disk { IsFull = true };
        using var stream = new SteadyStream(disk);
        using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        writer.WriteLine("lost");
        disk.IsFull = false;
        writer.WriteLine("kept");
        Assert.Equal("No space left on device", stream.Fault?.Message);
        Assert.Equal("kept\n", Encoding.UTF8.GetString(disk.ToArray()));
    }

    [Theory]
    [InlineData(3, "The work is done, but not all of its output could be written to standard output: No space left on device", "config", "-c", "CONFIG")]
    [InlineData(3, "The work is done", "config", "--help")]
    [InlineData(2, "there is no such file", "config", "-c", "none.yaml")]
    public void A_command_does_its_work_and_says_at_its_end_that_output_was_lost(int exitCode, string expected, params string[] arguments)
    {
        using var error = new StringWriter { NewLine = "\n" };
        using var stream = new SteadyStream(new Disk { IsFull = true });
        var console = new CommandConsole(new StreamWriter(stream) { AutoFlush = true }, error) { OutputFault = () => stream.Fault };
        Assert.Equal(exitCode, CommandLine.Run([.. arguments.Select(argument => argument == "CONFIG" ? Cli.Config("unet_mobilenetv1_synthetic.yaml") : argument)], console));
        Assert.Contains(expected, error.ToString());
        Assert.Single(error.ToString().Split("error:")[1..]);
    }

    [Fact]
    public void Messages_that_cannot_be_written_change_no_exit_code()
    {
        using var output = new StringWriter();
        using var stream = new SteadyStream(new Disk { IsFull = true });
        var console = new CommandConsole(output, new StreamWriter(stream) { AutoFlush = true });
        Assert.Equal(2, CommandLine.Run(["config", "-c", "none.yaml"], console));
        Assert.Equal(0, CommandLine.Run(["config", "-c", Cli.Config("unet_mobilenetv1_synthetic.yaml")], console));
    }

    private sealed class Disk : MemoryStream
    {
        public bool IsFull { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (IsFull)
            {
                throw new IOException("No space left on device");
            }

            base.Write(buffer);
        }
    }
}
