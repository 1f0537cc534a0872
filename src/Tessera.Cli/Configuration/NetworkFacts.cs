using System.Collections.Immutable;
using Tessera.Graphs.Models;

namespace Tessera.Cli.Configuration;

/// <summary>What the network decides about its images and labels, and HAT's configurations say again.</summary>
/// <param name="InputSize">Height and width.</param>
/// <param name="Outputs">Strides and classes; null where the network is not known.</param>
internal sealed record NetworkFacts(ImmutableArray<int> InputSize, LogitsOutputs? Outputs);
