namespace Tessera.Cli.Tests.Wires;

/// <summary>Tests that set libtorch's number of threads, which is one for the process: they run when no others do.</summary>
[CollectionDefinition(nameof(OneThread), DisableParallelization = true)]
public sealed class OneThread;
