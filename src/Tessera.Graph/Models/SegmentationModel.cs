using Tessera.Core;

namespace Tessera.Graphs.Models;

/// <summary>
/// A network that a configuration can name: its options, whose keys are the configuration's, and the function from them to a graph. Everything else that
/// the rooms want to know (strides, sizes that it takes, operations) is read from the graph.
/// </summary>
public abstract record SegmentationModel
{
    private const int Channels = 3;

    // Where no smaller size is taken, none will be.
    private const int LargestStep = 2048;

    /// <summary>Number of classes, 1 to 255: the channels of every logits output.</summary>
    public abstract int NumClasses { get; }

    /// <summary>The key of <see cref="NumClasses"/>, for messages.</summary>
    public virtual string NumClassesKey => "num_classes";

    /// <summary>What every input's height and width must be a multiple of: the side of the smallest square that the network takes.</summary>
    /// <exception cref="UsageException">An option is impossible or contradicts another.</exception>
    /// <exception cref="GraphException">The network takes no size.</exception>
    public int SizeStep
    {
        get
        {
            RequireSound();
            GraphException? last = null;
            for (int size = 1; size <= LargestStep; size++)
            {
                try
                {
                    if (InputStep.IsMet(Build(new TensorShape(1, Channels, size, size))))
                    {
                        return size;
                    }
                }
                catch (GraphException fault)
                {
                    last = fault;
                }
            }

            throw new GraphException($"The network takes no input of up to {LargestStep}x{LargestStep}. {last?.Message}");
        }
    }

    /// <summary>The heights and widths that the network takes, in words; what decides is the graph.</summary>
    /// <exception cref="UsageException">An option is impossible or contradicts another.</exception>
    public virtual SizeRule Sizes => SizeRule.MultiplesOf(SizeStep);

    /// <summary>What keeps the options from being a network: values that are impossible, or contradict each other.</summary>
    public virtual IEnumerable<OptionFault> Faults() =>
        NumClasses is >= 1 and <= 255 ? [] : [new OptionFault(NumClassesKey, $"is {NumClasses}; it must lie between 1 and 255 (one byte per pixel).")];

    /// <summary>The training graph: a logits output for each stride that is trained, fine to coarse.</summary>
    /// <param name="input">N×3×H×W.</param>
    /// <exception cref="UsageException">The network does not take the size, or an option is impossible or contradicts another.</exception>
    public Graph TrainingGraph(TensorShape input)
    {
        if (TryTrainingGraph(input) is { } graph)
        {
            return graph;
        }

        SizeRule sizes = Sizes;
        throw new UsageException($"The input shape is {input}; it needs {Channels} channels, and height and width {sizes.Text}. The nearest size is {sizes.Nearest(input.H)}x{sizes.Nearest(input.W)}.");
    }

    /// <summary>The training graph; null where the network does not take the size. <see cref="Sizes"/>, which may try many, is asked only then.</summary>
    /// <param name="input">N×3×H×W.</param>
    /// <exception cref="UsageException">An option is impossible or contradicts another.</exception>
    public Graph? TryTrainingGraph(TensorShape input)
    {
        RequireSound();
        try
        {
            return input.C == Channels && Build(input) is var graph && InputStep.IsMet(graph) ? graph : null;
        }
        catch (GraphException) when (!Takes(input))
        {
            return null; // a size that does not fit shows where two branches meet; whoever chose it wants to hear which one does
        }
    }

    /// <summary>Builds the graph. What height and width must be divisible by need not be checked: it is computed from the graph.</summary>
    /// <param name="input">N×3×H×W.</param>
    /// <exception cref="GraphException">The size does not fit.</exception>
    protected abstract Graph Build(TensorShape input);

    private bool Takes(TensorShape input) => Sizes is var sizes && sizes.Nearest(input.H) == input.H && sizes.Nearest(input.W) == input.W;

    private void RequireSound()
    {
        if (Faults().FirstOrDefault() is { } fault)
        {
            throw new UsageException($"{fault.Key} {fault.Text}");
        }
    }
}
