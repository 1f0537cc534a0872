using Tessera.Programs;

namespace Tessera.Compiler;

/// <summary>Finds an order of a program's instructions with a low memory peak: a beam search over sets of executed instructions.</summary>
internal sealed class InstructionOrder
{
    private const int BeamWidth = 64;

    private readonly IntegerProgram _program;
    private readonly long[] _sizes;
    private readonly int[] _producer;
    private readonly List<int>[] _readers;
    private readonly bool[] _isOutput;

    private InstructionOrder(IntegerProgram program, long[] sizes)
    {
        _program = program;
        _sizes = sizes;
        _producer = new int[sizes.Length];
        Array.Fill(_producer, -1);
        _readers = [.. sizes.Select(_ => new List<int>())];
        _isOutput = new bool[sizes.Length];
        for (int i = 0; i < program.Instructions.Length; i++)
        {
            _producer[program.Instructions[i].Output] = i;
            foreach (int input in program.Instructions[i].Inputs.Distinct())
            {
                _readers[input].Add(i);
            }
        }

        foreach (IntegerOutput output in program.Outputs)
        {
            _isOutput[output.Tensor] = true;
        }
    }

    /// <summary>
    /// An order that respects every dependence. The beam keeps, of each set of executed instructions, the way with the lowest peak so far,
    /// and of all sets the best few; ties go to the program's own order, so the result is the same on every machine.
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="sizes">Bytes of each tensor.</param>
    /// <returns>Indices of instructions.</returns>
    public static int[] LowestPeak(IntegerProgram program, long[] sizes) => new InstructionOrder(program, sizes).Search();

    private int[] Search()
    {
        List<State> beam = [new State(null, -1, new bool[_program.Instructions.Length], _sizes[0], _sizes[0])];
        for (int step = 0; step < _program.Instructions.Length; step++)
        {
            var next = new Dictionary<string, State>();
            foreach (State state in beam)
            {
                for (int i = 0; i < _program.Instructions.Length; i++)
                {
                    if (!state.Executed[i] && _program.Instructions[i].Inputs.All(input => _producer[input] < 0 || state.Executed[_producer[input]]))
                    {
                        Keep(next, Execute(state, i));
                    }
                }
            }

            // OrderBy is stable: among equals the state that was found first, which follows the program's order, stays in front.
            beam = [.. next.Values.OrderBy(state => state.Peak).ThenBy(state => state.Live).Take(BeamWidth)];
        }

        return beam[0].Order();
    }

    private static void Keep(Dictionary<string, State> states, State state)
    {
        string key = string.Create(state.Executed.Length, state.Executed, (text, executed) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = executed[i] ? '1' : '0';
            }
        });
        if (!states.TryGetValue(key, out State? known) || state.Peak < known.Peak)
        {
            states[key] = state;
        }
    }

    private State Execute(State before, int instruction)
    {
        var executed = (bool[])before.Executed.Clone();
        executed[instruction] = true;
        int output = _program.Instructions[instruction].Output;
        long live = before.Live + _sizes[output];
        long peak = Math.Max(before.Peak, live);
        foreach (int tensor in _program.Instructions[instruction].Inputs.Append(output).Distinct())
        {
            if (!_isOutput[tensor] && _readers[tensor].TrueForAll(reader => executed[reader]))
            {
                live -= _sizes[tensor];
            }
        }

        return new State(before, instruction, executed, live, peak);
    }

    private sealed record State(State? Before, int Instruction, bool[] Executed, long Live, long Peak)
    {
        public int[] Order()
        {
            var order = new int[Executed.Length];
            State? state = this;
            for (int i = order.Length - 1; i >= 0; i--, state = state.Before)
            {
                order[i] = state!.Instruction;
            }

            return order;
        }
    }
}
