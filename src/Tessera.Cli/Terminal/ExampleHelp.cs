using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Tessera.Cli.Commands;

namespace Tessera.Cli.Terminal;

/// <summary>The usual help, followed by examples; the root's help also shows in which order the commands are used.</summary>
internal sealed class ExampleHelp : SynchronousCommandLineAction
{
    private const string Chain = """
        To see it all at once, in minutes and without a download: tessera demo

        The whole way, from labelled street images to a verified 8-bit model:
          tessera pack --src-data-dir data/cityscapes --split-name train --pack-type lmdb    images and labels into one file
          tessera pack --src-data-dir data/cityscapes --split-name val --pack-type lmdb
          tessera train --stage float -c CONFIG                    train in floating point
          tessera train --stage calibration -c CONFIG              find the range of every value
          tessera train --stage qat -c CONFIG                      train on with the 8-bit arithmetic
          tessera predict --stage int_infer -c CONFIG              accuracy of a stage
          tessera analyze -c CONFIG                                which layers lose accuracy to 8 bits, and what mends it
          tessera compile -c CONFIG --opt 2                        make the artefact that runs anywhere
          tessera align -c CONFIG                                  prove that it computes the same bits
          tessera bench -c CONFIG --threads 1,2                    how fast it is here, beside ONNX Runtime
          tessera infer -c CONFIG --model-inputs img:street.png --save-path out
          tessera export-onnx -c CONFIG --stage int_infer          for other runtimes
        with CONFIG = configs/segmentation/unet_mobilenetv1_cityscapes.yaml, or ..._kitti.yaml for a small real sample.
        Any key of it can be changed for one run: --set data_loader.batch_size=2. `tessera config -c CONFIG` shows them all.

        Exit status: 0 done; 1 the work failed; 2 wrong arguments or configuration; 3 data or a file is bad; 4 a check found a difference.
        """;

    private const int RedirectedWidth = 120;

    private readonly HelpAction _usual;
    private readonly CommandConsole _console;

    /// <summary>Wraps the usual help.</summary>
    public ExampleHelp(HelpAction usual, CommandConsole console)
    {
        _usual = usual;
        _console = console;
        if (!console.IsTerminal || _usual.MaxWidth < CommandConsole.LeastWidth)
        {
            _usual.MaxWidth = RedirectedWidth;
        }
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int result = _usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is RootCommand)
        {
            _console.Out.WriteLine(Chain);
        }
        else if (parseResult.CommandResult.Command is ExplainedCommand command)
        {
            _console.Out.WriteLine("Examples:");
            foreach (string example in command.Examples)
            {
                _console.Out.WriteLine($"  {example}");
            }

            if (command.Notes is { } notes)
            {
                _console.Out.WriteLine();
                _console.Out.WriteLine(notes);
            }
        }

        return result;
    }
}
