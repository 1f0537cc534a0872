namespace Tessera.Architecture.Tests;

/// <summary>
/// TorchSharp's Scalar has a finalizer and its operations pass on only its native handle: one that nobody holds is freed in the middle of libtorch's call. So
/// nothing but Tessera.Training's ScalarOperations, which holds them, may call what takes or makes a Scalar.
/// </summary>
public sealed class TorchScalarTests
{
    private const string Scalar = "TorchSharp.Scalar";

    private const string Keeper = "Tessera.Training.KeptScalar::";

    private const string Operations = "Tessera.Training.ScalarOperations::";

    private static readonly SourceProject Training = Repository.SourceProjects.Single(project => project.Name == "Tessera.Training");

    private static readonly CompiledMethods Torch = new(Path.Combine(Path.GetDirectoryName(Training.AssemblyPath.Replace("Tessera.Training", "Tessera.Cli", StringComparison.Ordinal))!, "TorchSharp.dll"));

    [Fact]
    public void Only_kept_scalars_reach_libtorch()
    {
        HashSet<string> making = MethodsThatMakeScalars();

        // The search is right: of these it is known.
        Assert.Contains("TorchSharp.torch/Tensor::add(TorchSharp.torch/Tensor)", making);
        Assert.Contains("TorchSharp.torch/Tensor::add(TorchSharp.Scalar)", making);
        Assert.Contains("TorchSharp.torch/Tensor::op_Multiply(TorchSharp.torch/Tensor,Double)", making);
        Assert.DoesNotContain("TorchSharp.torch/Tensor::mul(TorchSharp.Scalar)", making);
        Assert.DoesNotContain("TorchSharp.torch/Tensor::mul(TorchSharp.torch/Tensor)", making);

        (string Caller, string Callee)[] calls = [.. new CompiledMethods(Training.AssemblyPath).Calls
            .SelectMany(method => method.Value.Where(callee => making.Contains(callee) || TakesScalar(callee)).Select(callee => (method.Key, callee)))];
        Assert.Contains(calls, call => call.Caller.StartsWith(Operations, StringComparison.Ordinal));
        Repository.AssertNone([.. calls
            .Where(call => making.Contains(call.Callee) ? !call.Caller.StartsWith(Keeper, StringComparison.Ordinal) : !call.Caller.StartsWith(Operations, StringComparison.Ordinal))
            .Select(call => $"{call.Caller} calls {call.Callee}, which {(making.Contains(call.Callee) ? "makes a Scalar that nobody holds" : "takes a Scalar")}; use ScalarOperations.")]);
    }

    [Fact]
    public void No_optimizer_of_TorchSharp_is_used()
    {
        Dictionary<string, string[]> methods = new CompiledMethods(Training.AssemblyPath).Calls;
        Assert.Contains(methods.Values.SelectMany(callees => callees), callee => callee.StartsWith("TorchSharp.torch/Tensor::", StringComparison.Ordinal));
        Repository.AssertNone([.. methods.SelectMany(method => method.Value
            .Where(callee => callee.StartsWith("TorchSharp.torch/optim", StringComparison.Ordinal) || callee.StartsWith("TorchSharp.Modules.OptimizerHelper", StringComparison.Ordinal)
                || (callee.StartsWith("TorchSharp.", StringComparison.Ordinal) && callee.Contains("::step(", StringComparison.Ordinal)))
            .Select(callee => $"{method.Key} calls {callee}; its steps make a Scalar for every parameter. Use Sgd."))]);
    }

    /// <summary>The methods of TorchSharp that make a Scalar, themselves or in what they call.</summary>
    private static HashSet<string> MethodsThatMakeScalars()
    {
        ILookup<string, string> callers = Torch.Calls
            .SelectMany(method => method.Value.Select(callee => (method.Key, callee)))
            .ToLookup(call => call.callee, call => call.Key);
        var found = new HashSet<string>(Torch.Calls.Keys.Where(MakesScalar));
        var open = new Queue<string>(found);
        while (open.TryDequeue(out string? method))
        {
            foreach (string caller in callers[method].Where(found.Add))
            {
                open.Enqueue(caller);
            }
        }

        return found;
    }

    private static bool MakesScalar(string method) => method.StartsWith($"{Scalar}::.ctor(", StringComparison.Ordinal)
        || method.StartsWith($"{Scalar}::op_Implicit(", StringComparison.Ordinal) || method.StartsWith("TorchSharp.ScalarExtensionMethods::ToScalar(", StringComparison.Ordinal);

    private static bool TakesScalar(string method) => method.StartsWith("TorchSharp.", StringComparison.Ordinal)
        && method[(method.IndexOf('(', StringComparison.Ordinal) + 1)..].TrimEnd(')').Split(',').Contains(Scalar);
}
