using System.Text.Json.Serialization;

namespace Tessera.Compiler;

/// <summary>Reads march files; an unknown or a missing key is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(March))]
internal sealed partial class MarchJson : JsonSerializerContext;
