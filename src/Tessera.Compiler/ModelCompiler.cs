using System.Collections.Immutable;
using System.Reflection;
using Tessera.Core;
using Tessera.Imaging;
using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>What to compile for.</summary>
/// <param name="March">The processor or chip.</param>
/// <param name="OptLevel">How much the scheduler may change.</param>
/// <param name="Classes">Names and colours of the classes by train id; as many as the argmax of the program has channels.</param>
public sealed record CompileOptions(March March, OptLevel OptLevel, ImmutableArray<ClassEntry> Classes)
{
    /// <summary>The conversion to YUV444 that the network was trained with; kept in the artefact for those who feed it pictures.</summary>
    public YuvSwing Swing { get; init; } = YuvSwing.Full;
}

/// <summary>Turns an integer program into a compiled one: checks it, schedules it, plans its memory and estimates its speed.</summary>
public static class ModelCompiler
{
    /// <summary>The version of Tessera that compiles.</summary>
    public static string ToolVersion { get; } =
        typeof(ModelCompiler).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Compiles a program. The result computes the same bits at every level and for every march.</summary>
    /// <exception cref="WorkException">The march does not support the program (the message names every violation), or the arena exceeds 1 GiB.</exception>
    /// <exception cref="UsageException">The number of class names does not fit the program.</exception>
    public static CompilationResult Compile(IntegerProgram program, CompileOptions options)
    {
        CheckClasses(program, options.Classes);
        CheckResult check = ProgramChecker.Check(program, options.March);
        check.ThrowIfUnsupported();
        int alignment = options.March.Alignment.MemoryBytes;
        ImmutableArray<Schedule> schedules = [.. Enum.GetValues<OptLevel>().Select(level => Scheduler.Run(program, level, alignment))];
        Schedule chosen = schedules[(int)options.OptLevel];
        var info = new CompilationInfo(options.March.Name, (int)options.OptLevel, ToolVersion, options.Classes, options.Swing);
        return new CompilationResult(
            new CompiledProgram(chosen.Program, chosen.ToDevicePlan(), info),
            PerformanceEstimator.Estimate(chosen.Program, options.March),
            check,
            MemoryReport.Of(chosen, [.. schedules.Select(schedule => schedule.Summary)]));
    }

    private static void CheckClasses(IntegerProgram program, ImmutableArray<ClassEntry> classes)
    {
        foreach (ArgMaxInstruction argMax in program.Instructions.OfType<ArgMaxInstruction>())
        {
            int channels = program.Tensors[argMax.Input].Channels;
            if (classes.Length != channels)
            {
                throw new UsageException($"{argMax.Name} chooses among {channels} classes, but {classes.Length} class names are given. Give one name per class.");
            }
        }
    }
}
