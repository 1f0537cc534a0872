using System.Collections.Immutable;
using Tessera.Core;
using Tessera.Graphs;
using Tessera.Graphs.Models;
using Tessera.Programs;
using Tessera.TestKit;

namespace Tessera.Quantization.Tests;

public class LoweringTests
{
    private static (Network Prepared, ScaleTable Scales) Calibrated(ulong seed)
    {
        Network prepared = QuantizationPreparation.Prepare(RandomNetworks.Training(64, 64, seed));
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions());
        foreach ((string name, double[] values) in FloatEvaluator.Run(prepared, RandomNetworks.Normalized(RandomNetworks.Image(64, 64, 1))))
        {
            if (session.ObservedValues.Contains(name))
            {
                session.Observe(name, [.. values.Select(x => (float)x)]);
            }
        }

        return (prepared, session.Finish(prepared.Parameters));
    }

    [Fact]
    public void Every_activation_gets_a_scale_and_an_upsample_inherits_its_own()
    {
        (Network prepared, ScaleTable scales) = Calibrated(1);
        Graph annotated = scales.Annotate(prepared.Graph);
        Assert.Equal(1f / 128, annotated.Input.Output.Quant!.Scale);
        foreach (Node node in annotated.Nodes.Where(node => node.Op is Upsample))
        {
            Assert.Equal(annotated.ValueOf(node.Inputs[0]).Quant!.Scale, node.Output.Quant!.Scale);
        }

        Assert.All(annotated.Nodes, node => Assert.NotNull(node.Output.Quant));
        Assert.All(annotated.Nodes.Where(node => node.Op is Conv2d), node => Assert.NotNull(node.WeightQuant));
        Assert.Equal(GraphText.Print(annotated), GraphText.Print(GraphParser.Parse(GraphText.Print(annotated))));
    }

    [Fact]
    public void Scales_survive_a_checkpoint_exactly()
    {
        (Network prepared, ScaleTable scales) = Calibrated(2);
        var file = new SafetensorsFile(scales.ToTensors());
        Assert.Equal(GraphText.Print(scales.Annotate(prepared.Graph)), GraphText.Print(ScaleTable.From(prepared.Graph, file, "x").Annotate(prepared.Graph)));
        Assert.Equal(file.Tensors.Select(tensor => tensor.Name), ScaleTable.Of(scales.Annotate(prepared.Graph)).ToTensors().Select(tensor => tensor.Name));
    }

    [Theory]
    [InlineData("shift", Requantization.Shift)]
    [InlineData(null, Requantization.Float32)]
    public void A_checkpoint_tells_how_to_requantize(string? name, Requantization form)
    {
        (Network prepared, ScaleTable scales) = Calibrated(2);
        Dictionary<string, string> metadata = name is null ? [] : new() { [ScaleTable.RequantizationKey] = name };
        Graph annotated = ScaleTable.From(prepared.Graph, new SafetensorsFile(scales.ToTensors(), metadata), "x").Annotate(prepared.Graph);
        Assert.Equal(form, ScaleTable.RequantizationOf(annotated));
        Assert.Equal(GraphText.Print(annotated), GraphText.Print(GraphParser.Parse(GraphText.Print(annotated))));
    }

    [Fact]
    public void A_requantization_of_a_later_version_is_named()
    {
        (Network prepared, ScaleTable scales) = Calibrated(2);
        var file = new SafetensorsFile(scales.ToTensors(), new Dictionary<string, string> { [ScaleTable.RequantizationKey] = "table" });
        Assert.Contains("x was calibrated for the requantization table", Assert.Throws<BadFileException>(() => ScaleTable.From(prepared.Graph, file, "x")).Message);
    }

    [Fact]
    public void A_checkpoint_without_scales_is_refused()
    {
        (Network prepared, _) = Calibrated(2);
        var file = new SafetensorsFile(prepared.Parameters.ToTensors(prepared.Graph));
        BadFileException fault = Assert.Throws<BadFileException>(() => ScaleTable.From(prepared.Graph, file, "float.safetensors"));
        Assert.Contains("float.safetensors has no tensor backbone.mod1.0.0.scale", fault.Message);
    }

    [Fact]
    public void The_program_holds_the_quantized_parameters_of_the_specification()
    {
        (Network prepared, ScaleTable scales) = Calibrated(3);
        Graph annotated = DeployGraph.Of(scales.Annotate(prepared.Graph));
        IntegerProgram program = Lowering.Lower(new Network(annotated, prepared.Parameters));
        Assert.Equal(["class_map"], program.Outputs.Select(output => output.Name));
        Assert.Equal(annotated.Nodes.Length - 1, program.Instructions.Length);
        foreach (ConvInstruction conv in program.Instructions.OfType<ConvInstruction>())
        {
            Node node = annotated[conv.Name];
            double sx = annotated.ValueOf(node.Inputs[0]).Quant!.Scale, sy = node.Output.Quant!.Scale;
            float[] weight = prepared.Parameters[$"{conv.Name}.weight"], bias = prepared.Parameters[$"{conv.Name}.bias"];
            int fanIn = ((Conv2d)node.Op).FanIn;
            for (int i = 0; i < weight.Length; i++)
            {
                float sw = node.WeightQuant!.Scales[i / fanIn];
                Assert.Equal(Math.Clamp(Math.Round(weight[i] / sw), -128, 127), conv.Weights[i]);
            }

            for (int c = 0; c < bias.Length; c++)
            {
                double sw = node.WeightQuant!.Scales[c];
                Assert.Equal(Math.Round(bias[c] / (sx * sw)), conv.Bias[c]);
                Assert.Equal((float)(sx * sw / sy), conv.Multipliers[c]);
            }

            Assert.Equal(conv.Residual is { } r ? (float)((double)program.Tensors[r].Scale / sy) : 0f, conv.ResidualMultiplier);
        }
    }

    [Fact]
    public void An_accumulator_that_may_leave_the_exact_range_is_named()
    {
        (Network prepared, ScaleTable scales) = Calibrated(4);
        prepared.Parameters["backbone.mod2.0.1.0.bias"][7] = 1e6f;
        WorkException fault = Assert.Throws<WorkException>(() => Lowering.Lower(new Network(scales.Annotate(prepared.Graph), prepared.Parameters)));
        Assert.Contains("backbone.mod2.0.1.0, channel 7", fault.Message);
    }

    [Theory]
    [InlineData("weight", float.NaN, "a weight is NaN")]
    [InlineData("weight", float.PositiveInfinity, "a weight is Infinity")]
    [InlineData("bias", float.NaN, "a bias is NaN")]
    public void A_parameter_that_is_no_finite_number_is_named_by_its_node(string parameter, float value, string found)
    {
        (Network prepared, ScaleTable scales) = Calibrated(4);
        prepared.Parameters[$"backbone.mod2.0.1.0.{parameter}"][0] = value;
        WorkException fault = Assert.Throws<WorkException>(() => Lowering.Lower(new Network(scales.Annotate(prepared.Graph), prepared.Parameters)));
        Assert.Contains($"Node backbone.mod2.0.1.0, channel 0: {found}", fault.Message);
    }

    [Fact]
    public void Scales_that_do_not_fit_each_other_are_refused_by_lowering_and_by_the_question_before_it()
    {
        (Network prepared, ScaleTable scales) = Calibrated(4);
        const string Node = "backbone.mod2.0.1.0";
        var activations = new Dictionary<string, float>(scales.Activations) { [Node] = 1e-25f };
        var network = new Network(new ScaleTable(activations, scales.Weights).Annotate(prepared.Graph), prepared.Parameters);
        WorkException fault = Assert.Throws<WorkException>(() => Lowering.Lower(network));
        Assert.Matches($"Node {Node}, channel 0: .* the output's 1E-25 do not fit each other", fault.Message);
        Assert.Equal(fault.Message, Assert.Throws<WorkException>(() => Lowering.Require(network)).Message);
    }

    [Fact]
    public void A_bias_that_no_weight_scale_holds_is_named_at_calibration()
    {
        Network prepared = QuantizationPreparation.Prepare(RandomNetworks.Training(64, 64, 6));
        const string Node = "backbone.mod3.0.1.0";
        prepared.Parameters[$"{Node}.bias"][2] = 3e38f;
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions());
        foreach (string value in session.ObservedValues)
        {
            session.Observe(value, [0]);
        }

        Assert.Contains($"node {Node}, channel 2: no weight scale holds its bias 3E+38", Assert.Throws<WorkException>(() => session.Finish(prepared.Parameters)).Message);
    }

    [Fact]
    public void A_channel_that_batch_norm_has_switched_off_can_still_be_lowered()
    {
        Network prepared = QuantizationPreparation.Prepare(RandomNetworks.Training(64, 64, 6));
        const string Node = "backbone.mod3.0.1.0";
        Array.Fill(prepared.Parameters[$"{Node}.weight"], 1e-12f, 0, 32);
        prepared.Parameters[$"{Node}.bias"][0] = 0.7f;
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions { ActivationObserver = ObserverKind.MinMax });
        foreach (string value in session.ObservedValues)
        {
            session.Observe(value, [-1, 1]);
        }

        IntegerProgram program = Lowering.Lower(new Network(session.Finish(prepared.Parameters).Annotate(prepared.Graph), prepared.Parameters));
        ConvInstruction conv = program.Instructions.OfType<ConvInstruction>().Single(instruction => instruction.Name == Node);
        Assert.All(conv.Weights.Take(32), weight => Assert.Equal(0, weight));

        // What the channel then outputs is its bias, to within half a step of the output scale.
        Assert.Equal(0.7f, conv.Bias[0] * conv.Multipliers[0] * program.Tensors[conv.Output].Scale, program.Tensors[conv.Output].Scale / 2);
    }

    [Fact]
    public void Weights_that_only_meet_zeros_do_not_make_the_bias_coarse()
    {
        // Channel 0 of a is always 0 behind its ReLU; folding has blown up what reads it.
        Graph graph = GraphParser.Parse(
            """
            graph dead
            %img = input() : 1x3x4x4
            %a = conv2d(%img) in=3 out=2 kernel=1 stride=1 padding=0 groups=1 relu=true : 1x2x4x4
            %b = conv2d(%a) in=2 out=2 kernel=3 stride=1 padding=1 groups=2 : 1x2x4x4
            output b = %b

            """);
        var parameters = ParameterSet.Initialize(graph, seed: 1);
        Array.Fill(parameters["b.weight"], 9130f, 0, 9);
        (parameters["b.bias"][0], parameters["b.bias"][1]) = (0.71f, -0.3f);
        var session = new CalibrationSession(graph, new CalibrationOptions { ActivationObserver = ObserverKind.MinMax });
        session.Observe("a", [0, 0, 1, 2]);
        session.Observe("b", [-1, 1]);

        ConvInstruction conv = Lowering.Lower(new Network(session.Finish(parameters).Annotate(graph), parameters)).Instructions.OfType<ConvInstruction>().Last();

        const float Scale = 2f / 255; // MinMax: the range [-1, 1] in 255 steps
        Assert.All(conv.Multipliers, multiplier => Assert.InRange(multiplier, 0, 0.125f));
        Assert.Equal(0.71f, conv.Bias[0] * conv.Multipliers[0] * Scale, Scale / 16);
        Assert.Equal(-0.3f, conv.Bias[1] * conv.Multipliers[1] * Scale, Scale / 16);
        Assert.Equal(127, conv.Weights[0]);
    }

    [Fact]
    public void Lowering_a_float_network_names_what_is_missing()
    {
        Network prepared = QuantizationPreparation.Prepare(RandomNetworks.Training(64, 64, 1));
        Assert.Contains("img has no scale", Assert.Throws<WorkException>(() => Lowering.Lower(prepared)).Message);
    }

    [Fact]
    public void Calibrating_on_nothing_is_an_error()
    {
        Network prepared = QuantizationPreparation.Prepare(RandomNetworks.Training(64, 64, 1));
        var session = new CalibrationSession(prepared.Graph, new CalibrationOptions());
        Assert.Contains("backbone.mod1.0.0", Assert.Throws<WorkException>(() => session.Finish(prepared.Parameters)).Message);
    }

    [Fact]
    public void Training_and_deploy_graphs_lower_to_the_same_parameters()
    {
        (Network prepared, ScaleTable scales) = Calibrated(8);
        Graph training = scales.Annotate(prepared.Graph);
        ImmutableArray<IntegerInstruction> all = Lowering.Lower(new Network(training, prepared.Parameters)).Instructions;
        ImmutableArray<IntegerInstruction> deploy = Lowering.Lower(new Network(DeployGraph.Of(training), prepared.Parameters)).Instructions;
        Dictionary<string, ConvInstruction> byName = all.OfType<ConvInstruction>().ToDictionary(conv => conv.Name);
        Assert.Equal(70, byName.Count);
        foreach (ConvInstruction conv in deploy.OfType<ConvInstruction>())
        {
            Assert.Equal(byName[conv.Name].Weights.AsEnumerable(), conv.Weights);
            Assert.Equal(byName[conv.Name].Bias.AsEnumerable(), conv.Bias);
        }
    }
}
