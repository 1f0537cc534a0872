using Tessera.Runtime;
using Tessera.Runtime.Execution;
unsafe {
var compiled = ArtefactReader.Read(args[0]).Compiled;
var plan = ExecutionPlan.Create(compiled.Program, KernelSet.Named(args[1]), false);
var runner = new ProgramRunner(plan, CallersThread.Pool);
var img = new sbyte[compiled.Program.Input.Count];
fixed (sbyte* p = img) {
 var im = new Int8Image(compiled.Program.Input.Width*3) { Pixels = p };
 runner.Measure(im, 3);
 var t = runner.Measure(im, 20);
 var by = t.Select((x,i)=>(x,plan.Steps[i])).ToArray();
 foreach (var g in by.GroupBy(x=>x.Item2.Kernel)) Console.WriteLine($"{g.Key,-22} {g.Sum(x=>x.x):F3}");
 Console.WriteLine($"sum {t.Sum():F2}");
 foreach (var (x,s) in by.Take(8)) Console.WriteLine($"{x,8:F3} {s.Kernel} {s.Name}");
 Console.WriteLine($"stages {plan.Stages.Length} bytes {plan.WorkerBytes} shared {plan.SharedBytes}");
}}
