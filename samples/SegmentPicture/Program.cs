using Tessera.Samples;

return Sample.Run(args, Console.Out, Console.Error);
