using System.Reflection;
using System.Runtime.CompilerServices;

namespace Tessera.Architecture.Tests;

/// <summary>What an assembly shows to those who use it: one line for each public or protected type and member, sorted.</summary>
public static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The lines of an assembly.</summary>
    public static IReadOnlyList<string> Of(string path) =>
        [.. Assembly.LoadFrom(path).GetTypes().Where(IsVisible).SelectMany(type => Members(type).Prepend(Heading(type))).Order(StringComparer.Ordinal)];

    private static bool IsVisible(Type type) => type.IsNested ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!) : type.IsPublic;

    private static string Heading(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
        IEnumerable<Type> bases = type.IsEnum ? [Enum.GetUnderlyingType(type)]
            : new[] { type.BaseType }.OfType<Type>().Where(above => above != typeof(object) && above != typeof(ValueType)).Concat(type.GetInterfaces().OrderBy(Name, StringComparer.Ordinal));
        string list = string.Join(", ", bases.Select(Name));
        return $"{Name(type)} = {kind}{(list.Length > 0 ? $" : {list}" : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        string scope = Name(type);
        foreach (FieldInfo field in type.GetFields(Declared).Where(field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName))
        {
            yield return field.IsLiteral
                ? $"{scope}.{field.Name} = {Convert.ToString(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)}"
                : $"{scope}.{field.Name} : {(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Name(field.FieldType)}{Mark(Nullability.Create(field))}";
        }

        foreach (ConstructorInfo made in type.GetConstructors(Declared).Where(IsVisible))
        {
            yield return $"{scope}({Parameters(made)})";
        }

        foreach (PropertyInfo property in type.GetProperties(Declared).Where(property => property.GetAccessors(true).Any(IsVisible)))
        {
            MethodInfo any = property.GetAccessors(true).First(IsVisible);
            string accessors = string.Concat(property.GetAccessors(true).Where(IsVisible).Select(accessor =>
                accessor == property.GetMethod ? " get;" : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"));
            bool isRequired = property.IsDefined(typeof(RequiredMemberAttribute));
            yield return $"{scope}.{property.Name}{(property.GetIndexParameters().Length > 0 ? $"[{Parameters(any)}]" : "")} : {(isRequired ? "required " : "")}{Modifiers(any)}{Name(property.PropertyType)}{Mark(Nullability.Create(property))} {{{accessors} }}";
        }

        foreach (EventInfo happening in type.GetEvents(Declared).Where(happening => IsVisible(happening.AddMethod!)))
        {
            yield return $"{scope}.{happening.Name} : event {Name(happening.EventHandlerType!)}";
        }

        // What the compiler writes for records and properties says nothing that is not said already.
        foreach (MethodInfo method in type.GetMethods(Declared).Where(method => IsVisible(method) && !method.IsDefined(typeof(CompilerGeneratedAttribute))
            && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))))
        {
            string generics = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
            yield return $"{scope}.{method.Name}{generics}({Parameters(method)}) : {Modifiers(method)}{Name(method.ReturnType)}{Mark(Nullability.Create(method.ReturnParameter))}";
        }
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Modifiers(MethodInfo method) =>
        $"{(method.IsStatic ? "static " : "")}{(method.IsAbstract && !method.DeclaringType!.IsInterface ? "abstract " : method is { IsVirtual: true, IsFinal: false, IsAbstract: false } ? "virtual " : "")}";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(parameter.IsOut ? "out " : parameter.IsIn ? "in " : "")}{Name(parameter.ParameterType)}{Mark(Nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.RawDefaultValue ?? "default"}" : "")}"));

    private static string Mark(NullabilityInfo info) => info.ReadState == NullabilityState.Nullable && !info.Type.IsValueType ? "?" : "";

    private static string Name(Type type)
    {
        if (type.HasElementType)
        {
            return Name(type.GetElementType()!) + (type.IsArray ? "[]" : type.IsByRef ? "&" : "*");
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        string name = type.IsNested ? $"{Name(type.DeclaringType!)}.{type.Name}" : type.Namespace is { } space && !space.StartsWith("System", StringComparison.Ordinal) ? $"{space}.{type.Name}" : type.Name;
        string plain = name.Split('`')[0];
        return type.IsGenericType ? $"{plain}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : plain;
    }
}
