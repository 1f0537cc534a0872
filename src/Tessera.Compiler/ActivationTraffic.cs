using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>
/// Decides which activations reach memory. The image and the outputs always do. A tensor between two neighbouring instructions is
/// streamed where the march can (it needs a few rows only); another stays on chip where it fits beside everything that lives with it;
/// what is left is written to memory once and loaded by each of its readers.
/// </summary>
internal sealed class ActivationTraffic
{
    private readonly IntegerProgram _program;
    private readonly March _march;
    private readonly TensorLifetime[] _lifetimes;
    private readonly bool[] _isOutput;
    private readonly bool[] _onChip;

    /// <summary>Decides for a program in execution order.</summary>
    public ActivationTraffic(IntegerProgram program, March march)
    {
        _program = program;
        _march = march;
        _lifetimes = TensorLifetime.Of(program);
        _isOutput = new bool[program.Tensors.Length];
        foreach (IntegerOutput output in program.Outputs)
        {
            _isOutput[output.Tensor] = true;
        }

        _onChip = new bool[program.Tensors.Length];
        (int[] chainOfStep, List<long> free) = Stream();
        KeepWhole(chainOfStep, free);
    }

    /// <summary>Bytes that an instruction loads from memory, without its weights.</summary>
    public long Loaded(IntegerInstruction instruction) => instruction.Inputs.Distinct().Where(tensor => !_onChip[tensor]).Sum(StoredSize);

    /// <summary>Bytes that an instruction stores to memory.</summary>
    public long Stored(IntegerInstruction instruction) => _onChip[instruction.Output] ? 0 : StoredSize(instruction.Output);

    /// <summary>Marks streamed tensors and returns the chain of each instruction and the on-chip bytes that each chain leaves free.</summary>
    private (int[] ChainOfStep, List<long> Free) Stream()
    {
        var chainOfStep = new int[_program.Instructions.Length];
        var free = new List<long>();
        for (int step = 0; step < chainOfStep.Length; step++)
        {
            long working = WorkingBytes(_program.Instructions[step]);
            if (step > 0 && CanStreamInto(step) && free[^1] >= working)
            {
                _onChip[_program.Instructions[step - 1].Output] = true;
                free[^1] -= working;
            }
            else
            {
                free.Add(_march.OnChipBytes - working);
            }

            chainOfStep[step] = free.Count - 1;
        }

        return (chainOfStep, free);
    }

    private bool CanStreamInto(int step)
    {
        int between = _program.Instructions[step - 1].Output;
        return _march.StreamsRows && !_isOutput[between] && _lifetimes[between].Last == step && _program.Instructions[step].Inputs.Contains(between);
    }

    /// <summary>Keeps whole tensors where they fit; those first that save the most traffic for the time in which they take room.</summary>
    private void KeepWhole(int[] chainOfStep, List<long> free)
    {
        var readers = new int[_program.Tensors.Length];
        foreach (int input in _program.Instructions.SelectMany(instruction => instruction.Inputs.Distinct()))
        {
            readers[input]++;
        }

        IEnumerable<int> candidates = Enumerable.Range(1, _program.Tensors.Length - 1)
            .Where(tensor => !_onChip[tensor] && !_isOutput[tensor] && _lifetimes[tensor].First <= _lifetimes[tensor].Last)
            .OrderByDescending(tensor => (1.0 + readers[tensor]) / (_lifetimes[tensor].Last - _lifetimes[tensor].First + 1))
            .ThenBy(StoredSize);
        foreach (int tensor in candidates)
        {
            int first = chainOfStep[_lifetimes[tensor].First];
            int last = chainOfStep[_lifetimes[tensor].Last];
            long size = StoredSize(tensor);
            if (free.Skip(first).Take(last - first + 1).All(bytes => bytes >= size))
            {
                _onChip[tensor] = true;
                for (int chain = first; chain <= last; chain++)
                {
                    free[chain] -= size;
                }
            }
        }
    }

    /// <summary>Weights, the rows of the inputs that are at work, and one row of the output.</summary>
    private long WorkingBytes(IntegerInstruction instruction)
    {
        return instruction.ConstantBytes + RowBytes(instruction.Output)
            + instruction.Inputs.Sum(input => Math.Min(instruction.RowsAtWork(input), _program.Tensors[input].Height) * RowBytes(input));
    }

    private long RowBytes(int tensor) => StoredSize(tensor) / _program.Tensors[tensor].Height;

    /// <summary>Bytes of a tensor in memory: channels are rounded up, except those of the image and of the outputs.</summary>
    private long StoredSize(int tensor)
    {
        IntegerTensor shape = _program.Tensors[tensor];
        long channels = tensor == 0 || _isOutput[tensor] ? shape.Channels : TensorFootprint.AlignUp(shape.Channels, _march.Alignment.StoredChannels);
        return shape.Height * (long)shape.Width * channels;
    }
}
