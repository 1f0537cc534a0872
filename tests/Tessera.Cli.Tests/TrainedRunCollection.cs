namespace Tessera.Cli.Tests;

/// <summary>Classes that read one trained run and change nothing of it share it: training it takes longer than they do.</summary>
[CollectionDefinition(Name)]
public sealed class TrainedRunCollection : ICollectionFixture<TrainedRun>
{
    public const string Name = "trained run";
}
