namespace Tessera.Cli.HatConfigs;

/// <summary>A value of a Python file. Lists and maps can be changed by later lines, and are shared as in Python.</summary>
/// <param name="Place">Where it was written.</param>
internal abstract record PythonValue(PythonPlace Place);

/// <summary>None.</summary>
internal sealed record PythonNone(PythonPlace Place) : PythonValue(Place);

/// <summary>True or False.</summary>
internal sealed record PythonFlag(bool Value, PythonPlace Place) : PythonValue(Place);

/// <summary>A number.</summary>
/// <param name="Value">Its value.</param>
/// <param name="IsWhole">Whether it is an int.</param>
/// <param name="Place">Where it was written.</param>
internal sealed record PythonNumber(double Value, bool IsWhole, PythonPlace Place) : PythonValue(Place);

/// <summary>A text.</summary>
internal sealed record PythonText(string Value, PythonPlace Place) : PythonValue(Place);

/// <summary>A name that the file does not define, with what follows behind dots: <c>torch.optim.SGD</c>.</summary>
internal sealed record PythonName(string Value, PythonPlace Place) : PythonValue(Place);

/// <summary>What is not computed here.</summary>
/// <param name="What">What it is, for messages: <c>a call of make_loader</c>.</param>
/// <param name="Place">Where it was written.</param>
internal sealed record PythonUnknown(string What, PythonPlace Place) : PythonValue(Place);

/// <summary>A list, tuple, set or array.</summary>
/// <param name="Items">The values.</param>
/// <param name="IsArray">Whether arithmetic goes into its items, as numpy's does.</param>
/// <param name="Place">Where it was written.</param>
internal sealed record PythonList(List<PythonValue> Items, bool IsArray, PythonPlace Place) : PythonValue(Place);

/// <summary>A dict; its keys are texts, a number being its text.</summary>
internal sealed record PythonMap(OrderedDictionary<string, PythonValue> Entries, PythonPlace Place) : PythonValue(Place);
