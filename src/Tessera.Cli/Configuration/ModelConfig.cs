using System.Collections.Immutable;
using System.Globalization;
using Tessera.Core;
using Tessera.Data;
using Tessera.Graphs.Models;

namespace Tessera.Cli.Configuration;

/// <summary>The <c>model</c> section: which network, and the loss that trains it.</summary>
/// <param name="Segmentor">The network's settings.</param>
/// <param name="Loss">The loss of its outputs.</param>
public sealed record ModelConfig(SegmentorOptions Segmentor, FocalLossConfig Loss)
{
    /// <summary>The networks that a configuration can name.</summary>
    private static readonly TypeTable<Func<ClassTable, ModelConfig>> Models = new(
        "model",
        new TypeTable<Func<ClassTable, ModelConfig>>.Entry("Segmentor", section => classes => ReadSegmentor(section, classes)));

    private static readonly TypeTable<Func<BatchNormOptions, MobileNetV1Options>> Backbones = new(
        "backbone",
        new TypeTable<Func<BatchNormOptions, MobileNetV1Options>>.Entry("MobileNetV1", section =>
        {
            double alpha = section.Number("alpha", 0.25, 1.0 / 32, 16);
            return norm => new MobileNetV1Options { Alpha = alpha, Norm = norm };
        }));

    private static readonly TypeTable<Func<BatchNormOptions, DwUnetOptions>> Necks = new(
        "neck",
        new TypeTable<Func<BatchNormOptions, DwUnetOptions>>.Entry("DwUnet", section =>
        {
            int channels = section.Int("base_channels", 8, 1, 512);
            bool relu = section.Flag("dw_with_relu", true);
            ImmutableArray<int> scales = section.Ints("output_scales", [4, 8, 16, 32, 64], null, 2, 64);
            if (scales.IsEmpty || scales.Except(LabelShrink.Strides).Any() || scales.Distinct().Count() != scales.Length)
            {
                section.Report("output_scales", $"is [{string.Join(", ", scales)}]; it must hold some of the strides {string.Join(", ", LabelShrink.Strides)}, each once.");
            }

            return norm => new DwUnetOptions { BaseChannels = channels, DwWithRelu = relu, OutputScales = scales, Norm = norm };
        }));

    private static readonly TypeTable<Func<BatchNormOptions, SegHeadOptions>> Heads = new(
        "head",
        new TypeTable<Func<BatchNormOptions, SegHeadOptions>>.Entry("SegHead", section =>
        {
            int classes = section.Int("num_classes", 19, 2, 255);
            return norm => new SegHeadOptions { NumClasses = classes, Norm = norm };
        }));

    /// <summary>Reads the section.</summary>
    internal static ModelConfig Read(ConfigSection section, ClassTable classes) => section.Typed(Models, "Segmentor")(classes);

    private static ModelConfig ReadSegmentor(ConfigSection section, ClassTable classes)
    {
        int problems = section.ProblemCount;
        BatchNormOptions norm = ReadNorm(section.Section("bn_kwargs"), new BatchNormOptions { Eps = 2e-5f, Momentum = 0.1f });
        MobileNetV1Options backbone = Part(section.Section("backbone"), Backbones, "MobileNetV1", norm);
        DwUnetOptions neck = Part(section.Section("neck"), Necks, "DwUnet", norm);
        ConfigSection headSection = section.Section("head");
        SegHeadOptions head = Part(headSection, Heads, "SegHead", norm);
        ConfigSection losses = section.Section("losses");
        FocalLossConfig loss = losses.Typed(FocalLossConfig.Losses, "SoftmaxFocalLoss");
        var segmentor = new SegmentorOptions { Backbone = backbone, Neck = neck, Head = head };
        if (section.ProblemCount > problems)
        {
            return new ModelConfig(segmentor, loss); // what was put in for wrong values cannot be compared
        }

        if (head.NumClasses != classes.Count)
        {
            headSection.Report("num_classes", $"is {head.NumClasses}; the class table 'classes' has {classes.Count}.");
        }

        if (loss.Weight.Length != neck.OutputScales.Length)
        {
            losses.Report("weight", $"has {loss.Weight.Length} values and model.neck.output_scales has {neck.OutputScales.Length}; give one weight for each stride, fine to coarse.");
        }

        RequireFit(section, segmentor);
        return new ModelConfig(segmentor, loss);
    }

    /// <summary>Builds the graph, which knows whether the parts fit together, at the smallest size.</summary>
    private static void RequireFit(ConfigSection section, SegmentorOptions segmentor)
    {
        try
        {
            _ = Graphs.Models.Segmentor.Training(segmentor, new TensorShape(1, 3, 64, 64));
        }
        catch (UsageException fault)
        {
            section.Report("backbone", $"and the other parts do not fit together: {fault.Message}");
        }
    }

    /// <summary>A part's own <c>bn_kwargs</c> lie over the model's.</summary>
    private static T Part<T>(ConfigSection section, TypeTable<Func<BatchNormOptions, T>> table, string type, BatchNormOptions norm)
    {
        Func<BatchNormOptions, T> make = section.Typed(table, type);
        return make(ReadNorm(section.Section("bn_kwargs"), norm));
    }

    private static BatchNormOptions ReadNorm(ConfigSection section, BatchNormOptions fallback)
    {
        int problems = section.ProblemCount;
        double eps = section.Number("eps", Decimal(fallback.Eps), 1e-12, 1), momentum = section.Number("momentum", Decimal(fallback.Momentum), 0, 1);
        if (momentum == 0 && section.ProblemCount == problems)
        {
            section.Report("momentum", "is 0; it must be above 0, or the running statistics, with which validation and all later stages run, never leave their initial values.");
        }

        // The parts take over what the model says: a wrong value is reported once.
        return new BatchNormOptions { Eps = (float)eps, Momentum = momentum == 0 ? fallback.Momentum : (float)momentum };
    }

    /// <summary>The double of the same short decimal text: 2e-5 and not 1.9999999494757503e-05.</summary>
    private static double Decimal(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}

/// <summary>The <c>model.losses</c> section: the focal loss of every stride's logits.</summary>
/// <param name="Alpha">Constant factor.</param>
/// <param name="Gamma">Exponent of the modulating factor (1 - p).</param>
/// <param name="Weight">The weight of each stride's loss in the sum, fine to coarse.</param>
public sealed record FocalLossConfig(double Alpha, double Gamma, ImmutableArray<double> Weight)
{
    // The example's weights, (256, 128, 64, 32, 16) / 19.
    private static readonly ImmutableArray<double> ExampleWeights = [256 / 19.0, 128 / 19.0, 64 / 19.0, 32 / 19.0, 16 / 19.0];

    /// <summary>The losses that a configuration can name.</summary>
    internal static TypeTable<FocalLossConfig> Losses { get; } = new(
        "loss",
        new TypeTable<FocalLossConfig>.Entry(
            "SoftmaxFocalLoss",
            Read,
            "ClassificationFocalLoss"));

    private static FocalLossConfig Read(ConfigSection section)
    {
        int problems = section.ProblemCount;
        double alpha = section.Number("alpha", 0.25, 0, 1000), gamma = section.Number("gamma", 2, 0, 100);
        ImmutableArray<double> weight = section.Numbers("weight", ExampleWeights, null, 0, 1e6);
        if (alpha == 0 && section.ProblemCount == problems)
        {
            section.Report("alpha", "is 0; it must be above 0, because it multiplies the whole loss: nothing would be learned.");
        }

        if (weight.All(value => value == 0) && section.ProblemCount == problems)
        {
            section.Report("weight", $"is [{string.Join(", ", weight)}]; at least one weight must be above 0, or the loss is 0 and nothing is learned.");
        }

        return new FocalLossConfig(alpha, gamma, weight);
    }
}
